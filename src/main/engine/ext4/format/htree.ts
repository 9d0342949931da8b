import { crc32c } from './crc32c.ts';
import { u16, u32, u8, viewOf } from './field.ts';

/**
 * struct dx_root ("Hash Tree Directories"): block 0 of an indexed directory. The entries "." and
 * ".." stand before it, 12 bytes each, ".." reaching to the end of the block, so that old kernels
 * see an ordinary block.
 */
export const htreeRoot = {
  reserved_zero: u32(0x18),
  hash_version: u8(0x1c),
  info_length: u8(0x1d),
  indirect_levels: u8(0x1e),
  unused_flags: u8(0x1f),
} as const;
export const HTREE_INFO_LENGTH = 8;
/** Where limit, count and the entries start in block 0 and (after a fake entry) in other nodes. */
export const HTREE_ROOT_ENTRIES = 0x20;
export const HTREE_NODE_ENTRIES = 0x8;

/** struct dx_countlimit takes the hash of the first entry, whose hash is 0 by definition. */
export const htreeCountLimit = { limit: u16(0x0), count: u16(0x2) } as const;
/** struct dx_entry. */
export const htreeEntry = { hash: u32(0x0), block: u32(0x4) } as const;
export const HTREE_ENTRY_SIZE = 8;
/** Bits of dx_entry.block that name a block of the directory. */
export const HTREE_BLOCK_MASK = 0x0fffffff;

/** struct dx_tail at the end of an index block: dt_reserved, dt_checksum. */
export const HTREE_TAIL_SIZE = 8;

/** Depth of the index below block 0 without the large_dir feature, and with it. */
export const MAX_HTREE_LEVELS = 1;
export const MAX_HTREE_LEVELS_LARGE = 2;

/**
 * Set in the hash of an index entry when names with the same hash stand at the end of the block
 * before it.
 */
export const HTREE_CONTINUED = 1;

/** Entries that an index block holds, with a tail for its checksum or without. */
export const htreeLimit = (blockSize: number, entriesAt: number, tail: boolean): number =>
  Math.floor((blockSize - entriesAt - (tail ? HTREE_TAIL_SIZE : 0)) / HTREE_ENTRY_SIZE);

const tailAt = (block: Uint8Array, entriesAt: number): number =>
  entriesAt + htreeCountLimit.limit.get(viewOf(block), entriesAt) * HTREE_ENTRY_SIZE;

const NO_CHECKSUM = new Uint8Array(4);

/** CRC-32C over the block up to its last used entry, then the tail with its checksum as zero. */
export function htreeChecksum(seed: number, block: Uint8Array, entriesAt: number): number {
  const count = htreeCountLimit.count.get(viewOf(block), entriesAt);
  const tail = tailAt(block, entriesAt);
  let crc = crc32c(seed, block, 0, entriesAt + count * HTREE_ENTRY_SIZE);
  crc = crc32c(crc, block, tail, tail + 4);
  return crc32c(crc, NO_CHECKSUM);
}

export const storedHtreeChecksum = (block: Uint8Array, entriesAt: number): number =>
  viewOf(block).getUint32(tailAt(block, entriesAt) + 4, true);

/** Writes the checksum of {@link htreeChecksum}; limit, count and entries must be in place. */
export function sealHtreeBlock(seed: number, block: Uint8Array, entriesAt: number): void {
  const sum = htreeChecksum(seed, block, entriesAt);
  viewOf(block).setUint32(tailAt(block, entriesAt) + 4, sum, true);
}
