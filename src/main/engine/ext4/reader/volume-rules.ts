import { MAX_HASH_VERSION } from '../format/directory-hash.ts';
import { viewOf } from '../format/field.ts';
import { INODE_BASE_SIZE } from '../format/inode.ts';
import {
  EXT4_MAGIC,
  FLAG_TEST_FILESYSTEM,
  REVISION_DYNAMIC,
  SUPERBLOCK_SIZE,
  STATE_ERRORS,
  compat,
  incompat,
  roCompat,
  superblock as s,
  superblockChecksum,
} from '../format/superblock.ts';
import { isZeros } from '../../zeros.ts';
import type { RandomReader } from '../../content/random-reader.ts';
import { type VolumeFacts, beyondLimit, damaged, unsupported } from './volume-facts.ts';

/** What mkfs.ext4 makes and every part of the check understands; anything else is refused by name. */
const KNOWN_COMPAT =
  compat.dir_prealloc |
  compat.has_journal |
  compat.ext_attr |
  compat.resize_inode |
  compat.dir_index |
  compat.sparse_super2 |
  compat.fast_commit |
  compat.stable_inodes |
  compat.orphan_file;
const KNOWN_INCOMPAT =
  incompat.filetype |
  incompat.extents |
  incompat['64bit'] |
  incompat.flex_bg |
  incompat.metadata_csum_seed |
  incompat.large_dir;
const KNOWN_RO_COMPAT =
  roCompat.sparse_super |
  roCompat.large_file |
  roCompat.huge_file |
  roCompat.uninit_bg |
  roCompat.dir_nlink |
  roCompat.extra_isize |
  roCompat.quota |
  roCompat.metadata_csum |
  roCompat.project;

/** A kernel mounts no blocks that are larger than a page, which has 4 KiB on most machines. */
const MAX_BLOCK_SIZE = 4096;
/** Each reserved inode is looked at, and a superblock can say that all of four billion are: mke2fs reserves ten. */
const MAX_RESERVED_INODES = 1024;

const CREATOR_HURD = 1;
const MAX_LOG_FLEX = 31;

/**
 * Rules of the superblock that reading files needs not, but that the kernel (fs/ext4/super.c) or e2fsck
 * (e2fsck/super.c) have: a filesystem that breaks them is not mounted, or is changed by a repair.
 */
export function checkSuperblock(facts: VolumeFacts): void {
  const { superblock: bytes, blockSize, blocks, inodeSize } = facts;
  const view = viewOf(bytes);
  const must = (condition: boolean, reason: string): void => {
    if (!condition) throw damaged(facts, 'superblock', reason);
  };
  checkFeatures(facts);
  if (blockSize > MAX_BLOCK_SIZE) throw unsupported(facts, `blocks of ${blockSize} bytes`);
  if (s.s_creator_os.get(view, 0) === CREATOR_HURD) throw unsupported(facts, 'inodes of GNU Hurd');
  const has = (feature: number): boolean => (s.s_feature_compat.get(view, 0) & feature) !== 0;
  must(s.s_rev_level.get(view, 0) === REVISION_DYNAMIC, 'revision');
  must((s.s_state.get(view, 0) & STATE_ERRORS) === 0, 'the kernel has noted errors');
  must(s.s_last_orphan.get(view, 0) === 0, 'files that were being deleted');
  must(isZeros(s.s_mount_opts.get(bytes, 0)), 'it brings options for its mount');
  const logBlockSize = s.s_log_block_size.get(view, 0);
  must(s.s_log_cluster_size.get(view, 0) === logBlockSize, 'size of a cluster');
  must(s.s_clusters_per_group.get(view, 0) === facts.blocksPerGroup, 'clusters per group');
  must(s.s_r_blocks_count_lo.get(view, 0) <= blocks / 2, 'reserved blocks');
  must(s.s_first_ino.get(view, 0) >= 11, 'first inode');
  if (s.s_first_ino.get(view, 0) > MAX_RESERVED_INODES)
    throw beyondLimit(facts, 'reserved inodes', MAX_RESERVED_INODES);
  must(s.s_log_groups_per_flex.get(view, 0) <= MAX_LOG_FLEX, 'groups per flex group');
  must((s.s_flags.get(view, 0) & FLAG_TEST_FILESYSTEM) === 0, 'it is marked as a test');
  must(s.s_def_hash_version.get(view, 0) <= MAX_HASH_VERSION, 'kind of hash');
  const hasJournal = has(compat.has_journal);
  must(hasJournal || isZeros(s.s_journal_uuid.get(bytes, 0)), 'another device has its journal');
  const orphans = s.s_orphan_file_inum.get(view, 0);
  must(
    !has(compat.orphan_file) || (hasJournal && orphans >= facts.firstInode),
    'a file of orphans without a journal or an inode',
  );
  const ro = s.s_feature_ro_compat.get(view, 0);
  // e2fsck takes numbers without their feature for damage.
  const numbers = [
    [s.s_journal_inum, hasJournal],
    [s.s_journal_dev, false],
    [s.s_usr_quota_inum, (ro & roCompat.quota) !== 0],
    [s.s_grp_quota_inum, (ro & roCompat.quota) !== 0],
    [s.s_prj_quota_inum, (ro & roCompat.project) !== 0],
    [s.s_orphan_file_inum, has(compat.orphan_file)],
  ] as const;
  for (const [field, isUsed] of numbers)
    must(isUsed || field.get(view, 0) === 0, 'a number of an inode without its feature');
  const reserved = s.s_reserved_gdt_blocks.get(view, 0);
  must(reserved <= (has(compat.resize_inode) ? blockSize / 4 : 0), 'reserved descriptors');
  const descriptor = s.s_desc_size.get(view, 0);
  must((descriptor & (descriptor - 1)) === 0, 'descriptor size');
  must(s.s_block_group_nr.get(view, 0) === 0, 'it is a copy');
  for (const field of [s.s_min_extra_isize, s.s_want_extra_isize]) {
    const extra = field.get(view, 0);
    must(extra % 4 === 0 && extra <= inodeSize - INODE_BASE_SIZE, 'extra bytes of inodes');
  }
}

function checkFeatures(facts: VolumeFacts): void {
  const view = viewOf(facts.superblock);
  const ro = s.s_feature_ro_compat.get(view, 0);
  const sets = [
    ['compat', s.s_feature_compat.get(view, 0), KNOWN_COMPAT],
    ['incompat', s.s_feature_incompat.get(view, 0), KNOWN_INCOMPAT],
    ['ro_compat', ro, KNOWN_RO_COMPAT],
  ] as const;
  for (const [name, bits, known] of sets) {
    const strange = (bits & ~known) >>> 0;
    if (strange !== 0) throw unsupported(facts, `${name} 0x${strange.toString(16)}`);
  }
  if (facts.wideNameLength) throw unsupported(facts, 'directories without types');
  // Every file that is read has extents, so that the feature must be set.
  if ((s.s_feature_incompat.get(view, 0) & incompat.extents) === 0)
    throw damaged(facts, 'superblock', 'extents are not among its features');
  const both = roCompat.uninit_bg | roCompat.metadata_csum;
  if ((ro & both) === both) throw damaged(facts, 'superblock', 'two kinds of checksums');
}

/**
 * Block 0 beside the superblock is empty: a partition table or another filesystem's signature there makes
 * blkid say nothing of ours, or find our label twice.
 */
export async function checkFirstBlock(reader: RandomReader, facts: VolumeFacts): Promise<void> {
  const before = await reader.read(0, SUPERBLOCK_SIZE);
  if (!isZeros(before)) throw damaged(facts, 'first sectors', 'data before the superblock');
  const end = 2 * SUPERBLOCK_SIZE;
  if (facts.blockSize <= end) return;
  const behind = await reader.read(end, facts.blockSize - end);
  if (!isZeros(behind)) throw damaged(facts, 'first block', 'data behind the superblock');
}

/** A copy of the superblock that is not of this filesystem would bring another one back in a repair. */
export function checkCopy(facts: VolumeFacts, group: number, bytes: Uint8Array): void {
  const view = viewOf(bytes);
  const same = [s.s_uuid, s.s_volume_name].every(
    (field) => Buffer.compare(field.get(bytes, 0), field.get(facts.superblock, 0)) === 0,
  );
  const own = viewOf(facts.superblock);
  const isSized = [s.s_blocks_count_lo, s.s_inodes_count, s.s_log_block_size].every(
    (field) => field.get(view, 0) === field.get(own, 0),
  );
  const isSealed =
    facts.checksums !== 'crc32c' || s.s_checksum.get(view, 0) === superblockChecksum(bytes, 0);
  if (s.s_magic.get(view, 0) !== EXT4_MAGIC || !same || !isSized || !isSealed)
    throw damaged(facts, `superblock of group ${group}`, 'it is no copy of the first one');
}
