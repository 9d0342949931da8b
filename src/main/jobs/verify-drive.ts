import { builderError } from '../../shared/errors.ts';
import type { Target } from '../engine/target/target.ts';
import { openFinishedExt4 } from '../engine/verify/finished-ext4.ts';
import { checkFinished } from './check.ts';
import type { JobContext } from './context.ts';
import { blockReader } from './drive-reader.ts';

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
  const reader = blockReader(target, commitBlock);
  const output = await openFinishedExt4(target.name, 'drive', reader);
  const report = await checkFinished(output, context, checkSignature);
  if (report.complete) return;
  const { faultCount: faults, faults: kept } = report;
  throw builderError('verify-failed', { target: target.name, faults, first: kept[0]?.path ?? '' });
}
