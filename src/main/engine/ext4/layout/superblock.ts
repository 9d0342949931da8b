import { HASH_HALF_MD4 } from '../format/directory-hash.ts';
import { high32, low32, viewOf } from '../format/field.ts';
import { EXTRA_ISIZE, FIRST_INODE } from '../format/inode.ts';
import {
  CHECKSUM_CRC32C,
  DEFAULT_MOUNT_OPTIONS,
  ERRORS_CONTINUE,
  EXT4_MAGIC,
  FLAG_SIGNED_HASH,
  NO_MOUNT_LIMIT,
  REVISION_DYNAMIC,
  STATE_CLEAN,
  compat,
  incompat,
  roCompat,
  sealSuperblock,
  superblock as s,
} from '../format/superblock.ts';
import { BLOCKS_PER_GROUP, BLOCK_SIZE, INODE_SIZE, overheadBlocks } from './geometry.ts';
import type { Geometry } from './geometry.ts';

/** log2 of the block size in KiB. */
const LOG_BLOCK_SIZE = Math.log2(BLOCK_SIZE / 1024);
/** 16 groups share their allocation statistics, as mke2fs has it. */
const LOG_GROUPS_PER_FLEX = 4;

/**
 * Known to every kernel since 3.6. Without 64bit (not needed below 16 TiB), without a journal and
 * without what only new kernels mount.
 */
const FEATURES_COMPAT = compat.ext_attr | compat.dir_index;
const FEATURES_INCOMPAT = incompat.filetype | incompat.extents | incompat.flex_bg;
const FEATURES_RO_COMPAT =
  roCompat.sparse_super |
  roCompat.large_file |
  roCompat.huge_file |
  roCompat.dir_nlink |
  roCompat.extra_isize |
  roCompat.metadata_csum;

export interface Identity {
  /** UTF-8, at most 16 bytes. */
  readonly label: Uint8Array;
  /** 16 bytes each. */
  readonly uuid: Uint8Array;
  readonly hashSeed: Uint8Array;
  /** Unix seconds. */
  readonly timestamp: number;
}

export interface FreeCounts {
  readonly blocks: number;
  readonly inodes: number;
}

/** Writes the copy of the superblock in `group`, starting at `base`. */
export function writeSuperblock(
  bytes: Uint8Array,
  base: number,
  group: number,
  geometry: Geometry,
  free: FreeCounts,
  identity: Identity,
): void {
  const view = viewOf(bytes);
  s.s_inodes_count.set(view, base, geometry.groups * geometry.inodesPerGroup);
  s.s_blocks_count_lo.set(view, base, geometry.blocks);
  s.s_free_blocks_count_lo.set(view, base, free.blocks);
  s.s_free_inodes_count.set(view, base, free.inodes);
  s.s_log_block_size.set(view, base, LOG_BLOCK_SIZE);
  s.s_log_cluster_size.set(view, base, LOG_BLOCK_SIZE);
  s.s_blocks_per_group.set(view, base, BLOCKS_PER_GROUP);
  s.s_clusters_per_group.set(view, base, BLOCKS_PER_GROUP);
  s.s_inodes_per_group.set(view, base, geometry.inodesPerGroup);
  s.s_max_mnt_count.set(view, base, NO_MOUNT_LIMIT);
  s.s_magic.set(view, base, EXT4_MAGIC);
  s.s_state.set(view, base, STATE_CLEAN);
  s.s_errors.set(view, base, ERRORS_CONTINUE);
  s.s_rev_level.set(view, base, REVISION_DYNAMIC);
  s.s_first_ino.set(view, base, FIRST_INODE);
  s.s_inode_size.set(view, base, INODE_SIZE);
  s.s_block_group_nr.set(view, base, group);
  s.s_feature_compat.set(view, base, FEATURES_COMPAT);
  s.s_feature_incompat.set(view, base, FEATURES_INCOMPAT);
  s.s_feature_ro_compat.set(view, base, FEATURES_RO_COMPAT);
  s.s_uuid.set(bytes, base, identity.uuid);
  s.s_volume_name.set(bytes, base, identity.label);
  s.s_hash_seed.set(bytes, base, identity.hashSeed);
  s.s_def_hash_version.set(view, base, HASH_HALF_MD4);
  s.s_default_mount_opts.set(view, base, DEFAULT_MOUNT_OPTIONS);
  s.s_min_extra_isize.set(view, base, EXTRA_ISIZE);
  s.s_want_extra_isize.set(view, base, EXTRA_ISIZE);
  s.s_flags.set(view, base, FLAG_SIGNED_HASH);
  s.s_log_groups_per_flex.set(view, base, LOG_GROUPS_PER_FLEX);
  s.s_checksum_type.set(view, base, CHECKSUM_CRC32C);
  s.s_overhead_clusters.set(view, base, overheadBlocks(geometry));
  const low = low32(identity.timestamp);
  const high = high32(identity.timestamp);
  s.s_wtime.set(view, base, low);
  s.s_wtime_hi.set(view, base, high);
  s.s_lastcheck.set(view, base, low);
  s.s_lastcheck_hi.set(view, base, high);
  s.s_mkfs_time.set(view, base, low);
  s.s_mkfs_time_hi.set(view, base, high);
  sealSuperblock(bytes, base);
}
