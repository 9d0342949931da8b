import { CRC32C_INITIAL, crc32c } from './crc32c.ts';
import { byteField, u16, u32, u8, viewOf } from './field.ts';

/** The primary superblock's byte offset; copies stand at the start of their group. */
export const SUPERBLOCK_OFFSET = 1024;
export const SUPERBLOCK_SIZE = 1024;

/** struct ext4_super_block ("The Super Block"). */
export const superblock = {
  s_inodes_count: u32(0x0),
  s_blocks_count_lo: u32(0x4),
  s_r_blocks_count_lo: u32(0x8),
  s_free_blocks_count_lo: u32(0xc),
  s_free_inodes_count: u32(0x10),
  s_first_data_block: u32(0x14),
  s_log_block_size: u32(0x18),
  s_log_cluster_size: u32(0x1c),
  s_blocks_per_group: u32(0x20),
  s_clusters_per_group: u32(0x24),
  s_inodes_per_group: u32(0x28),
  s_mtime: u32(0x2c),
  s_wtime: u32(0x30),
  s_mnt_count: u16(0x34),
  s_max_mnt_count: u16(0x36),
  s_magic: u16(0x38),
  s_state: u16(0x3a),
  s_errors: u16(0x3c),
  s_lastcheck: u32(0x40),
  s_creator_os: u32(0x48),
  s_rev_level: u32(0x4c),
  s_first_ino: u32(0x54),
  s_inode_size: u16(0x58),
  s_block_group_nr: u16(0x5a),
  s_feature_compat: u32(0x5c),
  s_feature_incompat: u32(0x60),
  s_feature_ro_compat: u32(0x64),
  s_uuid: byteField(0x68, 16),
  s_volume_name: byteField(0x78, 16),
  s_reserved_gdt_blocks: u16(0xce),
  s_journal_uuid: byteField(0xd0, 16),
  s_journal_inum: u32(0xe0),
  s_journal_dev: u32(0xe4),
  s_last_orphan: u32(0xe8),
  s_hash_seed: byteField(0xec, 16),
  s_def_hash_version: u8(0xfc),
  s_desc_size: u16(0xfe),
  s_default_mount_opts: u32(0x100),
  s_first_meta_bg: u32(0x104),
  s_mkfs_time: u32(0x108),
  s_blocks_count_hi: u32(0x150),
  s_free_blocks_count_hi: u32(0x158),
  s_min_extra_isize: u16(0x15c),
  s_want_extra_isize: u16(0x15e),
  s_flags: u32(0x160),
  s_log_groups_per_flex: u8(0x174),
  s_checksum_type: u8(0x175),
  s_mount_opts: byteField(0x200, 64),
  s_usr_quota_inum: u32(0x240),
  s_grp_quota_inum: u32(0x244),
  s_overhead_clusters: u32(0x248),
  s_backup_bgs: byteField(0x24c, 8),
  s_prj_quota_inum: u32(0x26c),
  s_checksum_seed: u32(0x270),
  s_wtime_hi: u8(0x274),
  s_mkfs_time_hi: u8(0x276),
  s_lastcheck_hi: u8(0x277),
  s_orphan_file_inum: u32(0x280),
  s_checksum: u32(0x3fc),
} as const;

export const EXT4_MAGIC = 0xef53;

/** s_state: unmounted cleanly; errors seen. */
export const STATE_CLEAN = 0x1;
export const STATE_ERRORS = 0x2;
/** s_errors: carry on after an error. */
export const ERRORS_CONTINUE = 1;
/** s_rev_level: inode size and feature fields are valid. */
export const REVISION_DYNAMIC = 1;
/** s_max_mnt_count: never ask for a check because of the number of mounts. */
export const NO_MOUNT_LIMIT = 0xffff;
/** s_checksum_type: CRC-32C, the only one. */
export const CHECKSUM_CRC32C = 1;
/** s_default_mount_opts: user_xattr and acl, as mke2fs sets them. */
export const DEFAULT_MOUNT_OPTIONS = 0xc;
/** s_flags: directory hashes treat name bytes as signed or unsigned. */
export const FLAG_SIGNED_HASH = 0x1;
export const FLAG_UNSIGNED_HASH = 0x2;
/** s_flags: for ext4dev, the name of ext4 while it was tried; blkid still tells it so. */
export const FLAG_TEST_FILESYSTEM = 0x4;

export const compat = {
  dir_prealloc: 0x1,
  has_journal: 0x4,
  ext_attr: 0x8,
  resize_inode: 0x10,
  dir_index: 0x20,
  sparse_super2: 0x200,
  fast_commit: 0x400,
  stable_inodes: 0x800,
  orphan_file: 0x1000,
} as const;

export const incompat = {
  compression: 0x1,
  filetype: 0x2,
  recover: 0x4,
  journal_dev: 0x8,
  meta_bg: 0x10,
  extents: 0x40,
  '64bit': 0x80,
  mmp: 0x100,
  flex_bg: 0x200,
  ea_inode: 0x400,
  dirdata: 0x1000,
  metadata_csum_seed: 0x2000,
  large_dir: 0x4000,
  inline_data: 0x8000,
  encrypt: 0x10000,
  casefold: 0x20000,
} as const;

export const roCompat = {
  sparse_super: 0x1,
  large_file: 0x2,
  huge_file: 0x8,
  uninit_bg: 0x10,
  dir_nlink: 0x20,
  extra_isize: 0x40,
  quota: 0x100,
  bigalloc: 0x200,
  metadata_csum: 0x400,
  project: 0x2000,
} as const;

/** Longest label in bytes. */
export const MAX_LABEL_BYTES = 16;

/** The checksum of a superblock that starts at `base`: everything before s_checksum. */
export function superblockChecksum(bytes: Uint8Array, base: number): number {
  return crc32c(CRC32C_INITIAL, bytes, base, base + superblock.s_checksum.offset);
}

/** Writes the superblock's checksum; all other fields must be in place. */
export function sealSuperblock(bytes: Uint8Array, base: number): void {
  superblock.s_checksum.set(viewOf(bytes), base, superblockChecksum(bytes, base));
}

const isPowerOf = (base: number, value: number): boolean => {
  let power = base;
  while (power < value) power *= base;
  return power === value;
};

/** With sparse_super, the groups that hold a copy of the superblock and the descriptors. */
export function hasSuperblockCopy(group: number): boolean {
  return group <= 1 || (group % 2 === 1 && [3, 5, 7].some((base) => isPowerOf(base, group)));
}
