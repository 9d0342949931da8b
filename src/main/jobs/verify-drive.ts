import { builderError } from '../../shared/errors.ts';
import type { FillingReader } from '../engine/stream/positioned.ts';
import type { Target } from '../engine/target/target.ts';
import { openFinishedExt4 } from '../engine/verify/finished-ext4.ts';
import { checkFinished } from './check.ts';
import type { JobContext } from './context.ts';

/**
 * Reads back what was written and proves all of it, with the held-back block laid over from memory.
 * @throws `verify-failed` with the first fault.
 */
export async function verifyDrive(
  target: Target,
  commitBlock: { readonly offset: number; readonly bytes: Uint8Array },
  context: JobContext,
  checkSignature: boolean,
): Promise<void> {
  const reader = overlaid(target, commitBlock);
  const output = await openFinishedExt4(target.name, 'drive', reader);
  const report = await checkFinished(output, context, checkSignature);
  if (report.complete) return;
  const { faultCount: faults, faults: kept } = report;
  throw builderError('verify-failed', { target: target.name, faults, first: kept[0]?.path ?? '' });
}

/** The target as it will be once the block is committed. */
function overlaid(
  target: Target,
  block: { readonly offset: number; readonly bytes: Uint8Array },
): FillingReader {
  const end = block.offset + block.bytes.length;
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    // Devices are read in whole blocks.
    const from = Math.floor(offset / target.blockSize) * target.blockSize;
    const to = Math.min(
      Math.ceil((offset + length) / target.blockSize) * target.blockSize,
      target.size,
    );
    const bytes = await target.read(from, to - from);
    if (from < end && to > block.offset) {
      const start = Math.max(from, block.offset);
      const stop = Math.min(to, end);
      bytes.set(block.bytes.subarray(start - block.offset, stop - block.offset), start - from);
    }
    return bytes.subarray(offset - from, offset - from + length);
  };
  // A target answers one call at a time; the source of a stream asks ahead.
  let last: Promise<unknown> = Promise.resolve();
  const readInTurn = (offset: number, length: number): Promise<Uint8Array> => {
    const answer = last.then(() => read(offset, length));
    last = answer.catch(() => undefined);
    return answer;
  };
  return {
    size: target.size,
    read: readInTurn,
    async fill(offset, into) {
      into.set(await readInTurn(offset, into.length));
    },
  };
}
