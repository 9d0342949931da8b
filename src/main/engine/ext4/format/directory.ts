import { crc32c } from './crc32c.ts';
import { u16, u32, u8, viewOf } from './field.ts';

/** struct ext4_dir_entry_2 ("Directory Entries"); the name follows. */
export const directoryEntry = {
  inode: u32(0x0),
  rec_len: u16(0x4),
  name_len: u8(0x6),
  file_type: u8(0x7),
} as const;
export const DIRECTORY_ENTRY_HEADER = 8;

/** struct ext4_dir_entry_tail: looks like an unused entry, ends every block that holds entries. */
export const directoryTail = {
  det_reserved_zero1: u32(0x0),
  det_rec_len: u16(0x4),
  det_reserved_zero2: u8(0x6),
  det_reserved_ft: u8(0x7),
  det_checksum: u32(0x8),
} as const;
export const DIRECTORY_TAIL_SIZE = 12;
export const DIRECTORY_TAIL_TYPE = 0xde;

/** file_type. */
export const TYPE_REGULAR = 1;
export const TYPE_DIRECTORY = 2;
export const TYPE_SYMLINK = 7;

/** Where e2fsck puts what it finds without a name; every filesystem has it. */
export const LOST_AND_FOUND = 'lost+found';

/** Longest name in bytes. */
export const MAX_NAME_BYTES = 255;

/** Bytes that an entry needs: header and name, rounded up to four. */
export const entrySize = (nameBytes: number): number =>
  (DIRECTORY_ENTRY_HEADER + nameBytes + 3) & ~3;

/** rec_len as bytes: with 64 KiB blocks a whole block does not fit into the field. */
export const recordLength = (stored: number, blockSize: number): number =>
  blockSize === 65536 && (stored === 65535 || stored === 0)
    ? blockSize
    : (stored & 0xfffc) | ((stored & 3) << 16);

/** Whether the block ends in a tail; a filesystem without checksums has none. */
export function hasDirectoryTail(block: Uint8Array): boolean {
  const view = viewOf(block);
  const at = block.length - DIRECTORY_TAIL_SIZE;
  return (
    directoryTail.det_reserved_zero1.get(view, at) === 0 &&
    directoryTail.det_rec_len.get(view, at) === DIRECTORY_TAIL_SIZE &&
    directoryTail.det_reserved_zero2.get(view, at) === 0 &&
    directoryTail.det_reserved_ft.get(view, at) === DIRECTORY_TAIL_TYPE
  );
}

/** CRC-32C over the block before its tail, seeded by the directory's inode. */
export const directoryBlockChecksum = (seed: number, block: Uint8Array): number =>
  crc32c(seed, block, 0, block.length - DIRECTORY_TAIL_SIZE);

export const storedDirectoryBlockChecksum = (block: Uint8Array): number =>
  directoryTail.det_checksum.get(viewOf(block), block.length - DIRECTORY_TAIL_SIZE);

/** Writes the tail of a block of entries, with its checksum. */
export function sealDirectoryBlock(seed: number, block: Uint8Array): void {
  const view = viewOf(block);
  const at = block.length - DIRECTORY_TAIL_SIZE;
  directoryTail.det_rec_len.set(view, at, DIRECTORY_TAIL_SIZE);
  directoryTail.det_reserved_ft.set(view, at, DIRECTORY_TAIL_TYPE);
  directoryTail.det_checksum.set(view, at, directoryBlockChecksum(seed, block));
}
