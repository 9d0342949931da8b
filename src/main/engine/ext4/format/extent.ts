import { crc32c } from './crc32c.ts';
import { u16, u32, viewOf } from './field.ts';

/** struct ext4_extent_header ("Extent Tree"). */
export const extentHeader = {
  eh_magic: u16(0x0),
  eh_entries: u16(0x2),
  eh_max: u16(0x4),
  eh_depth: u16(0x6),
  eh_generation: u32(0x8),
} as const;

/** struct ext4_extent: an entry of a leaf. */
export const extent = {
  ee_block: u32(0x0),
  ee_len: u16(0x4),
  ee_start_hi: u16(0x6),
  ee_start_lo: u32(0x8),
} as const;

/** struct ext4_extent_idx: an entry of an inner node. */
export const extentIndex = {
  ei_block: u32(0x0),
  ei_leaf_lo: u32(0x4),
  ei_leaf_hi: u16(0x8),
} as const;

export const EXTENT_MAGIC = 0xf30a;
/** Bytes of the header and of each kind of entry. */
export const EXTENT_ENTRY_SIZE = 12;
/** Entries that fit into i_block. */
export const EXTENTS_IN_INODE = 4;
/** ee_len: up to this the extent holds data, above it the extent is unwritten and reads as zeros. */
export const MAX_EXTENT_BLOCKS = 32768;
/** The kernel refuses deeper trees. */
export const MAX_EXTENT_DEPTH = 5;

/** Entries of a tree block; the four bytes left at its end are et_checksum. */
export const extentsPerBlock = (blockSize: number): number =>
  Math.floor((blockSize - EXTENT_ENTRY_SIZE) / EXTENT_ENTRY_SIZE);

const tailOffset = (max: number): number => EXTENT_ENTRY_SIZE * (1 + max);

/** struct ext4_extent_tail: the checksum over everything before it, seeded by the inode. */
export function extentBlockChecksum(seed: number, block: Uint8Array): number {
  return crc32c(seed, block, 0, tailOffset(extentHeader.eh_max.get(viewOf(block), 0)));
}

/** The checksum that a tree block carries. */
export function storedExtentBlockChecksum(block: Uint8Array): number {
  const view = viewOf(block);
  return view.getUint32(tailOffset(extentHeader.eh_max.get(view, 0)), true);
}

/** Writes a tree block's checksum; header and entries must be in place. */
export function sealExtentBlock(seed: number, block: Uint8Array): void {
  const view = viewOf(block);
  const at = tailOffset(extentHeader.eh_max.get(view, 0));
  view.setUint32(at, extentBlockChecksum(seed, block), true);
}
