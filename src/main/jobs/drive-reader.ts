import { releaseMemory } from '../../shared/release-memory.ts';
import type { FillingReader } from '../engine/content/random-reader.ts';

/** A medium that is read in whole blocks. Reads may overlap. */
export interface BlockReader {
  readonly size: number;
  readonly blockSize: number;
  /** The bytes are the caller's. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

interface Overlay {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * Any range of a block medium, for readers that ask ahead.
 * @param overlay bytes in memory that are not on the medium yet.
 */
export function blockReader(medium: BlockReader, overlay: Overlay | null): FillingReader {
  const readBlocks = async (offset: number, length: number) => {
    const { blockSize, size } = medium;
    const from = Math.floor(offset / blockSize) * blockSize;
    const to = Math.min(Math.ceil((offset + length) / blockSize) * blockSize, size);
    const bytes = await medium.read(from, to - from);
    if (overlay !== null) lay(overlay, bytes, from);
    return { bytes, wanted: bytes.subarray(offset - from, offset - from + length) };
  };
  return {
    size: medium.size,
    async read(offset, length) {
      return (await readBlocks(offset, length)).wanted;
    },
    async fill(offset, into) {
      const { bytes, wanted } = await readBlocks(offset, into.length);
      into.set(wanted);
      releaseMemory(bytes);
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
