import { crc32c, crc32cOfU32 } from './crc32c.ts';
import { u16, u32, viewOf } from './field.ts';

/** Bytes of a descriptor without and (at least) with the 64bit feature. */
export const DESCRIPTOR_SIZE = 32;
export const DESCRIPTOR_SIZE_64BIT = 64;

/** struct ext4_group_desc ("Block Group Descriptors"); from 0x20 on only with 64bit. */
export const groupDescriptor = {
  bg_block_bitmap_lo: u32(0x0),
  bg_inode_bitmap_lo: u32(0x4),
  bg_inode_table_lo: u32(0x8),
  bg_free_blocks_count_lo: u16(0xc),
  bg_free_inodes_count_lo: u16(0xe),
  bg_used_dirs_count_lo: u16(0x10),
  bg_flags: u16(0x12),
  bg_block_bitmap_csum_lo: u16(0x18),
  bg_inode_bitmap_csum_lo: u16(0x1a),
  bg_itable_unused_lo: u16(0x1c),
  bg_checksum: u16(0x1e),
  bg_block_bitmap_hi: u32(0x20),
  bg_inode_bitmap_hi: u32(0x24),
  bg_inode_table_hi: u32(0x28),
  bg_free_blocks_count_hi: u16(0x2c),
  bg_free_inodes_count_hi: u16(0x2e),
  bg_used_dirs_count_hi: u16(0x30),
  bg_itable_unused_hi: u16(0x32),
  bg_block_bitmap_csum_hi: u16(0x38),
  bg_inode_bitmap_csum_hi: u16(0x3a),
} as const;

/** bg_flags. */
export const GROUP_INODE_UNINIT = 0x1;
export const GROUP_BLOCK_UNINIT = 0x2;
export const GROUP_INODE_ZEROED = 0x4;

const NO_CHECKSUM = new Uint8Array(2);

/**
 * metadata_csum: the descriptor's checksum, over the group's number and the descriptor with its
 * bg_checksum as zero. The lower half of a CRC-32C.
 */
export function descriptorChecksum(
  seed: number,
  group: number,
  bytes: Uint8Array,
  base: number,
  size: number,
): number {
  const at = base + groupDescriptor.bg_checksum.offset;
  let crc = crc32cOfU32(seed, group);
  crc = crc32c(crc, bytes, base, at);
  crc = crc32c(crc, NO_CHECKSUM);
  return crc32c(crc, bytes, at + 2, base + size) & 0xffff;
}

/** Writes the checksum of {@link descriptorChecksum}; all other fields must be in place. */
export function sealDescriptor(
  seed: number,
  group: number,
  bytes: Uint8Array,
  base: number,
  size: number,
): void {
  const sum = descriptorChecksum(seed, group, bytes, base, size);
  groupDescriptor.bg_checksum.set(viewOf(bytes), base, sum);
}

const crc16Table = ((): Uint16Array => {
  const table = new Uint16Array(256);
  for (let n = 0; n < 256; n++) {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
    table[n] = crc;
  }
  return table;
})();

function crc16(seed: number, bytes: Uint8Array, from: number, to: number): number {
  let crc = seed;
  for (let i = from; i < to; i++) {
    crc = (crc >>> 8) ^ (crc16Table[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
  }
  return crc;
}

/** uninit_bg (gdt_csum) without metadata_csum: a CRC-16 over UUID, group number and descriptor. */
export function descriptorChecksum16(
  uuid: Uint8Array,
  group: number,
  bytes: Uint8Array,
  base: number,
  size: number,
): number {
  const number = new Uint8Array(4);
  new DataView(number.buffer).setUint32(0, group, true);
  const at = base + groupDescriptor.bg_checksum.offset;
  let crc = crc16(0xffff, uuid, 0, uuid.length);
  crc = crc16(crc, number, 0, 4);
  crc = crc16(crc, bytes, base, at);
  return crc16(crc, bytes, at + 2, base + size);
}
