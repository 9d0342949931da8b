import type { FillingReader } from '../engine/stream/positioned.ts';

/** A medium that is read in whole blocks, one request at a time. */
export interface BlockReader {
  readonly size: number;
  readonly blockSize: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

interface Overlay {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * Any range of a block medium, for readers that ask ahead.
 * @param overlay what stands in memory for what is not on the medium yet.
 */
export function blockReader(medium: BlockReader, overlay: Overlay | null): FillingReader {
  const readBlocks = async (offset: number, length: number): Promise<Uint8Array> => {
    const { blockSize, size } = medium;
    const from = Math.floor(offset / blockSize) * blockSize;
    const to = Math.min(Math.ceil((offset + length) / blockSize) * blockSize, size);
    const bytes = await medium.read(from, to - from);
    if (overlay !== null) lay(overlay, bytes, from);
    return bytes.subarray(offset - from, offset - from + length);
  };
  let last: Promise<unknown> = Promise.resolve();
  const read = (offset: number, length: number): Promise<Uint8Array> => {
    const answer = last.then(() => readBlocks(offset, length));
    last = answer.catch(() => undefined);
    return answer;
  };
  return {
    size: medium.size,
    read,
    async fill(offset, into) {
      into.set(await read(offset, into.length));
    },
  };
}

/** @param from offset of the first of `bytes` on the medium. */
function lay(overlay: Overlay, bytes: Uint8Array, from: number): void {
  const start = Math.max(from, overlay.offset);
  const end = Math.min(from + bytes.length, overlay.offset + overlay.bytes.length);
  if (end > start)
    bytes.set(overlay.bytes.subarray(start - overlay.offset, end - overlay.offset), start - from);
}
