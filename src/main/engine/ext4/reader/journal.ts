import { CRC32C_INITIAL, crc32c } from '../format/crc32c.ts';
import { viewOf } from '../format/field.ts';
import { extentsOf } from './extents.ts';
import type { Inode, Volume } from './volume.ts';
import { damaged } from './volume-facts.ts';

/** struct journal_superblock_s ("Journal"), big-endian, of 1,024 bytes. */
const SIZE = 1024;
const MAGIC_AT = 0x0;
const BLOCK_TYPE = 0x4;
const BLOCK_SIZE = 0xc;
const MAX_LENGTH = 0x10;
const FIRST = 0x14;
const START = 0x1c;
const ERROR = 0x20;
const COMPAT = 0x24;
const INCOMPAT = 0x28;
const RO_COMPAT = 0x2c;
const USERS = 0x40;
const CHECKSUM_TYPE = 0x50;
const FAST_COMMIT_BLOCKS = 0x54;
const CHECKSUM = 0xfc;

const MAGIC = 0xc03b3998;
/** h_blocktype: superblock of version 1, without features, and of version 2. */
const VERSION_1 = 3;
const VERSION_2 = 4;
/** JBD2_MIN_JOURNAL_BLOCKS: the kernel mounts none with less. */
const MIN_BLOCKS = 1024;
const CRC32C = 4;

const COMPAT_CHECKSUM = 0x1;
const INCOMPAT_CHECKSUM_V2 = 0x8;
const INCOMPAT_CHECKSUM_V3 = 0x10;
/** Revoke, 64bit, asynchronous commit, both checksums, fast commit. */
const KNOWN_INCOMPAT = 0x1 | 0x2 | 0x4 | INCOMPAT_CHECKSUM_V2 | INCOMPAT_CHECKSUM_V3 | 0x20;

/**
 * Checks the journal as the kernel (fs/jbd2/journal.c) and e2fsck do, of which neither takes a filesystem
 * with a journal that makes no sense, be it never used. What is in it would be replayed over the files:
 * nothing may.
 * @throws filesystem-damaged
 */
export async function checkJournal(volume: Volume, inode: Inode): Promise<void> {
  const { facts } = volume;
  const must = (condition: boolean, reason: string): void => {
    if (!condition) throw damaged(facts, 'journal', reason);
  };
  must(inode.kind === 'file', 'it is no file');
  let bytes: Uint8Array | null = null;
  let blocks = 0;
  for await (const { logical, physical, length } of extentsOf(volume, inode)) {
    if (logical !== blocks) break;
    bytes ??= (await volume.block(physical, 'journal')).slice(0, SIZE);
    blocks += length;
  }
  if (bytes === null) throw damaged(facts, 'journal', 'no blocks');
  const view = viewOf(bytes);
  const type = view.getUint32(BLOCK_TYPE);
  must(view.getUint32(MAGIC_AT) === MAGIC, 'no superblock');
  must(type === VERSION_1 || type === VERSION_2, 'no superblock');
  must(view.getUint32(BLOCK_SIZE) === facts.blockSize, 'size of its blocks');
  const length = view.getUint32(MAX_LENGTH);
  must(length <= Math.min(blocks, inode.size / facts.blockSize), 'it is longer than its file');
  const first = view.getUint32(FIRST);
  const usable = length - view.getUint32(FAST_COMMIT_BLOCKS) - first + 1;
  must(first > 0 && usable >= MIN_BLOCKS, 'its length');
  must(view.getUint32(START) === 0, 'it is not empty');
  must(view.getUint32(ERROR) === 0, 'it has an error');
  must(view.getUint32(USERS) <= 1, 'it is of several filesystems');
  must(areFeaturesKnown(view, type), 'its features');
  if (view.getUint32(INCOMPAT) & (INCOMPAT_CHECKSUM_V2 | INCOMPAT_CHECKSUM_V3))
    must(isSealed(bytes), 'checksum does not match');
}

/** A superblock of version 1 has none, and of three kinds of checksums there may be one. */
function areFeaturesKnown(view: DataView, type: number): boolean {
  const compat = view.getUint32(COMPAT);
  const incompat = view.getUint32(INCOMPAT);
  if (view.getUint32(RO_COMPAT) !== 0) return false;
  if (type === VERSION_1) return compat === 0 && incompat === 0 && view.getUint32(USERS) === 0;
  const kinds = [
    compat & COMPAT_CHECKSUM,
    incompat & INCOMPAT_CHECKSUM_V2,
    incompat & INCOMPAT_CHECKSUM_V3,
  ];
  return (incompat & ~KNOWN_INCOMPAT) === 0 && kinds.filter((bit) => bit !== 0).length <= 1;
}

/** CRC-32C over the superblock, its checksum counted as zero. */
function isSealed(bytes: Uint8Array): boolean {
  const stored = viewOf(bytes).getUint32(CHECKSUM);
  const zeroed = bytes.slice();
  zeroed.fill(0, CHECKSUM, CHECKSUM + 4);
  return bytes[CHECKSUM_TYPE] === CRC32C && stored === crc32c(CRC32C_INITIAL, zeroed);
}
