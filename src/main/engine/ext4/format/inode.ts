import { crc32c, crc32cOfU32 } from './crc32c.ts';
import { byteField, u16, u32, viewOf } from './field.ts';

/** struct ext4_inode ("Index Nodes"); from 0x80 on only when i_extra_isize reaches that far. */
export const inode = {
  i_mode: u16(0x0),
  i_uid: u16(0x2),
  i_size_lo: u32(0x4),
  i_atime: u32(0x8),
  i_ctime: u32(0xc),
  i_mtime: u32(0x10),
  i_dtime: u32(0x14),
  i_gid: u16(0x18),
  i_links_count: u16(0x1a),
  i_blocks_lo: u32(0x1c),
  i_flags: u32(0x20),
  i_block: byteField(0x28, 60),
  i_generation: u32(0x64),
  i_file_acl_lo: u32(0x68),
  i_size_high: u32(0x6c),
  i_obso_faddr: u32(0x70),
  l_i_blocks_high: u16(0x74),
  l_i_file_acl_high: u16(0x76),
  l_i_checksum_lo: u16(0x7c),
  i_extra_isize: u16(0x80),
  i_checksum_hi: u16(0x82),
  i_ctime_extra: u32(0x84),
  i_mtime_extra: u32(0x88),
  i_atime_extra: u32(0x8c),
  i_crtime: u32(0x90),
  i_crtime_extra: u32(0x94),
} as const;

/** Size of the part that every inode has. */
export const INODE_BASE_SIZE = 128;
/** i_extra_isize of an inode with every field above: 32 bytes after the first 128. */
export const EXTRA_ISIZE = 32;

export const ROOT_INODE = 2;
/** s_first_ino: the first inode that is not reserved; mke2fs gives it to lost+found. */
export const FIRST_INODE = 11;

/** i_mode: type in the upper four bits. */
export const MODE_TYPE_MASK = 0xf000;
export const MODE_DIRECTORY = 0x4000;
export const MODE_REGULAR = 0x8000;
export const MODE_SYMLINK = 0xa000;

/** i_flags. */
export const INODE_ENCRYPTED = 0x800;
export const INODE_INDEX = 0x1000;
export const INODE_EXTENTS = 0x80000;
export const INODE_INLINE_DATA = 0x10000000;
export const INODE_CASEFOLD = 0x40000000;
/** i_blocks counts in blocks of the filesystem. */
export const INODE_HUGE_FILE = 0x40000;
/**
 * Flags that change nothing of what is read: SECRM, UNRM, SYNC, IMMUTABLE, APPEND, NODUMP, NOATIME, INDEX,
 * JOURNAL_DATA, NOTAIL, DIRSYNC, TOPDIR, HUGE_FILE, EXTENTS, PROJINHERIT.
 */
export const INODE_KNOWN_FLAGS =
  0x1 |
  0x2 |
  0x8 |
  0x10 |
  0x20 |
  0x40 |
  0x80 |
  INODE_INDEX |
  0x4000 |
  0x8000 |
  0x10000 |
  0x20000 |
  INODE_HUGE_FILE |
  INODE_EXTENTS |
  0x20000000;
/** Attributes in an inode begin with it, behind i_extra_isize. */
export const ATTRIBUTES_MAGIC = 0xea020000;

/** dir_nlink: a directory with more subdirectories than this has a link count of 1. */
export const MAX_LINKS = 65000;
/** i_blocks counts in these units, whatever the block size. Bytes. */
export const SECTOR_SIZE = 512;

/** The seed of everything that belongs to one inode: its checksum, directory blocks, extent blocks. */
export function inodeSeed(filesystemSeed: number, number: number, generation: number): number {
  return crc32cOfU32(crc32cOfU32(filesystemSeed, number), generation);
}

const NO_CHECKSUM = new Uint8Array(2);

/** Whether the inode at `base` has room for the upper half of its checksum. */
function hasUpperChecksum(view: DataView, base: number, size: number): boolean {
  return (
    size > INODE_BASE_SIZE &&
    inode.i_extra_isize.get(view, base) >= inode.i_checksum_hi.offset + 2 - INODE_BASE_SIZE
  );
}

/** CRC-32C over the inode with its checksum fields as zero; 16 bits where there is no upper half. */
export function inodeChecksum(seed: number, bytes: Uint8Array, base: number, size: number): number {
  const low = base + inode.l_i_checksum_lo.offset;
  const high = base + inode.i_checksum_hi.offset;
  let crc = crc32c(seed, bytes, base, low);
  crc = crc32c(crc, NO_CHECKSUM);
  if (!hasUpperChecksum(viewOf(bytes), base, size)) {
    return crc32c(crc, bytes, low + 2, base + size) & 0xffff;
  }
  crc = crc32c(crc, bytes, low + 2, high);
  crc = crc32c(crc, NO_CHECKSUM);
  return crc32c(crc, bytes, high + 2, base + size);
}

/** The checksum that the inode at `base` carries, in the width that {@link inodeChecksum} gives. */
export function storedInodeChecksum(bytes: Uint8Array, base: number, size: number): number {
  const view = viewOf(bytes);
  const low = inode.l_i_checksum_lo.get(view, base);
  return hasUpperChecksum(view, base, size)
    ? inode.i_checksum_hi.get(view, base) * 0x10000 + low
    : low;
}

/** Writes the checksum of {@link inodeChecksum}, as wide as the inode has room for. */
export function sealInode(seed: number, bytes: Uint8Array, base: number, size: number): void {
  const view = viewOf(bytes);
  const sum = inodeChecksum(seed, bytes, base, size);
  inode.l_i_checksum_lo.set(view, base, sum & 0xffff);
  if (hasUpperChecksum(view, base, size)) inode.i_checksum_hi.set(view, base, sum >>> 16);
}

/** Latest time that fits (2446-05-10), in Unix seconds: 32 signed bits and 2 bits of epoch. */
export const MAX_TIMESTAMP = 0x37fffffff;

/** The epoch bits of an `i_*time_extra` field for Unix seconds 0…{@link MAX_TIMESTAMP}. */
export const timeExtra = (seconds: number): number =>
  Math.round((seconds - (seconds | 0)) / 0x1_0000_0000);

/** Unix seconds from a time and its extra field. */
export const timeOf = (low: number, extra: number): number =>
  (low | 0) + (extra & 3) * 0x1_0000_0000;
