import { builderError, type BuilderError } from '../../../../shared/errors.ts';
import { CRC32C_INITIAL, crc32c } from '../format/crc32c.ts';
import { HASH_UNSIGNED, hashSeedOf, type HashSeed } from '../format/directory-hash.ts';
import { join32, viewOf } from '../format/field.ts';
import { DESCRIPTOR_SIZE, DESCRIPTOR_SIZE_64BIT } from '../format/group.ts';
import { INODE_BASE_SIZE } from '../format/inode.ts';
import {
  CHECKSUM_CRC32C,
  EXT4_MAGIC,
  FLAG_UNSIGNED_HASH,
  REVISION_DYNAMIC,
  STATE_CLEAN,
  STATE_ERRORS,
  SUPERBLOCK_OFFSET,
  SUPERBLOCK_SIZE,
  hasSuperblockCopy,
  incompat,
  roCompat,
  compat,
  superblock as s,
  superblockChecksum,
} from '../format/superblock.ts';
import type { RandomReader } from '../../content/random-reader.ts';

/** Features that change what is read here and that we know. Any other incompatible one is refused. */
const SUPPORTED_INCOMPAT =
  incompat.filetype |
  incompat.meta_bg |
  incompat.extents |
  incompat['64bit'] |
  incompat.mmp |
  incompat.flex_bg |
  incompat.ea_inode |
  incompat.metadata_csum_seed |
  incompat.large_dir |
  // Refused for each inode that uses it.
  incompat.inline_data;

/** What the superblock says, checked and in a shape to work with. */
export interface VolumeFacts {
  /** What a person calls the device or file; for error messages. */
  readonly target: string;
  readonly label: string;
  /** 16 bytes. */
  readonly uuid: Uint8Array;
  /** Unmounted cleanly and without a known error. */
  readonly clean: boolean;
  readonly blockSize: number;
  readonly blocks: number;
  readonly firstDataBlock: number;
  /** The block that the primary superblock stands in. */
  readonly superblockBlock: number;
  readonly blocksPerGroup: number;
  readonly clustersPerGroup: number;
  readonly groups: number;
  readonly inodes: number;
  readonly inodesPerGroup: number;
  readonly inodeSize: number;
  readonly descriptorSize: number;
  /** First meta group whose descriptors stand in the group itself; Infinity without meta_bg. */
  readonly firstMetaGroup: number;
  readonly hasCopy: (group: number) => boolean;
  readonly checksums: 'crc32c' | 'crc16 of descriptors' | 'none';
  readonly checksumSeed: number;
  readonly hashSeed: HashSeed;
  /** Added to the hash version of an index. */
  readonly hashSignedness: number;
  readonly indexedDirectories: boolean;
  readonly largeDirectories: boolean;
  readonly bigAllocation: boolean;
  readonly wideNameLength: boolean;
  /** Metadata of a group may stand in another one. */
  readonly flexibleGroups: boolean;
  readonly freeBlocks: number;
  readonly freeInodes: number;
  /** The first that is not reserved. */
  readonly firstInode: number;
  /** All of it, for rules that reading needs not. */
  readonly superblock: Uint8Array;
}

/** What is wrong with which structure, as the error that every part of the reader throws. */
export const damaged = (facts: { target: string }, what: string, reason: string): BuilderError =>
  builderError('filesystem-damaged', { target: facts.target, what, reason });

export const unsupported = (facts: { target: string }, feature: string): BuilderError =>
  builderError('filesystem-unsupported', { target: facts.target, feature });

export const beyondLimit = (facts: { target: string }, what: string, limit: number): BuilderError =>
  builderError('filesystem-limit', { target: facts.target, what, limit });

const featureNames = (bits: number): string => {
  const names = Object.entries(incompat).flatMap(([name, bit]) => (bits & bit ? [name] : []));
  const known = Object.values(incompat).reduce<number>((all, bit) => all | bit, 0);
  const unknown = (bits & ~known) >>> 0;
  if (unknown !== 0) names.push(`0x${unknown.toString(16)}`);
  return names.join(', ');
};

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/**
 * Reads and checks the primary superblock.
 *
 * @throws filesystem-absent, filesystem-unsupported, filesystem-damaged
 */
export async function readFacts(reader: RandomReader, target: string): Promise<VolumeFacts> {
  if (reader.size < SUPERBLOCK_OFFSET + SUPERBLOCK_SIZE) {
    throw builderError('filesystem-absent', { target });
  }
  const bytes = await reader.read(SUPERBLOCK_OFFSET, SUPERBLOCK_SIZE);
  const view = viewOf(bytes);
  if (s.s_magic.get(view, 0) !== EXT4_MAGIC) throw builderError('filesystem-absent', { target });

  const fault = (reason: string): BuilderError => damaged({ target }, 'superblock', reason);
  const must = (condition: boolean, reason: string): void => {
    if (!condition) throw fault(reason);
  };
  const compatBits = s.s_feature_compat.get(view, 0);
  const incompatBits = s.s_feature_incompat.get(view, 0);
  const roBits = s.s_feature_ro_compat.get(view, 0);
  const hasChecksums = (roBits & roCompat.metadata_csum) !== 0;
  if (hasChecksums) {
    // First of all: nothing else in a superblock with a wrong checksum means anything.
    must(s.s_checksum_type.get(view, 0) === CHECKSUM_CRC32C, 'unknown kind of checksum');
    must(s.s_checksum.get(view, 0) === superblockChecksum(bytes, 0), 'checksum does not match');
  }
  if (s.s_rev_level.get(view, 0) < REVISION_DYNAMIC) throw unsupported({ target }, 'revision 0');
  const strange = (incompatBits & ~SUPPORTED_INCOMPAT) >>> 0;
  if (strange !== 0) {
    const name = strange === incompat.recover ? 'a journal to be replayed' : featureNames(strange);
    throw unsupported({ target }, name);
  }

  const logBlockSize = s.s_log_block_size.get(view, 0);
  must(logBlockSize <= 6, 'block size');
  const blockSize = 1024 << logBlockSize;
  const wide = (incompatBits & incompat['64bit']) !== 0;
  const blocks = join32(
    s.s_blocks_count_lo.get(view, 0),
    wide ? s.s_blocks_count_hi.get(view, 0) : 0,
  );
  must(blocks * blockSize <= reader.size, 'the filesystem is larger than the device');
  const firstDataBlock = s.s_first_data_block.get(view, 0);
  // The boot sector has block 0 for itself where blocks are of 1 KiB, except with clusters.
  must(firstDataBlock <= (blockSize === 1024 ? 1 : 0), 'first data block');
  const blocksPerGroup = s.s_blocks_per_group.get(view, 0);
  const clustersPerGroup = s.s_clusters_per_group.get(view, 0);
  const bigAllocation = (roBits & roCompat.bigalloc) !== 0;
  must(blocksPerGroup > 0 && blocksPerGroup % 8 === 0, 'blocks per group');
  must(bigAllocation || blocksPerGroup <= blockSize * 8, 'blocks per group');
  must(!bigAllocation || clustersPerGroup <= blockSize * 8, 'clusters per group');
  must(blocks > firstDataBlock, 'number of blocks');
  const groups = Math.ceil((blocks - firstDataBlock) / blocksPerGroup);
  const inodesPerGroup = s.s_inodes_per_group.get(view, 0);
  must(inodesPerGroup > 0 && inodesPerGroup <= blockSize * 8, 'inodes per group');
  const inodes = s.s_inodes_count.get(view, 0);
  must(inodes === groups * inodesPerGroup, 'number of inodes');
  const inodeSize = s.s_inode_size.get(view, 0);
  must(
    inodeSize >= INODE_BASE_SIZE && inodeSize <= blockSize && (inodeSize & (inodeSize - 1)) === 0,
    'inode size',
  );
  const descriptorSize = wide ? s.s_desc_size.get(view, 0) : DESCRIPTOR_SIZE;
  must(
    !wide ||
      (descriptorSize >= DESCRIPTOR_SIZE_64BIT &&
        descriptorSize <= 1024 &&
        (descriptorSize & (descriptorSize - 1)) === 0),
    'descriptor size',
  );

  const uuid = s.s_uuid.get(bytes, 0).slice();
  const backups = viewOf(s.s_backup_bgs.get(bytes, 0));
  const copies = [0, backups.getUint32(0, true), backups.getUint32(4, true)];
  const hasCopy =
    compatBits & compat.sparse_super2
      ? (group: number) => copies.includes(group)
      : roBits & roCompat.sparse_super
        ? hasSuperblockCopy
        : () => true;
  const state = s.s_state.get(view, 0);
  return {
    target,
    label: textOf(s.s_volume_name.get(bytes, 0)),
    uuid,
    clean: (state & STATE_CLEAN) !== 0 && (state & STATE_ERRORS) === 0,
    blockSize,
    blocks,
    firstDataBlock,
    superblockBlock: blockSize === SUPERBLOCK_OFFSET ? 1 : 0,
    blocksPerGroup,
    clustersPerGroup: bigAllocation ? clustersPerGroup : blocksPerGroup,
    groups,
    inodes,
    inodesPerGroup,
    inodeSize,
    descriptorSize,
    firstMetaGroup: incompatBits & incompat.meta_bg ? s.s_first_meta_bg.get(view, 0) : Infinity,
    hasCopy,
    checksums: hasChecksums
      ? 'crc32c'
      : roBits & roCompat.uninit_bg
        ? 'crc16 of descriptors'
        : 'none',
    checksumSeed:
      incompatBits & incompat.metadata_csum_seed
        ? s.s_checksum_seed.get(view, 0)
        : crc32c(CRC32C_INITIAL, uuid),
    hashSeed: hashSeedOf(s.s_hash_seed.get(bytes, 0)),
    hashSignedness: s.s_flags.get(view, 0) & FLAG_UNSIGNED_HASH ? HASH_UNSIGNED : 0,
    indexedDirectories: (compatBits & compat.dir_index) !== 0,
    largeDirectories: (incompatBits & incompat.large_dir) !== 0,
    bigAllocation,
    wideNameLength: (incompatBits & incompat.filetype) === 0,
    flexibleGroups: (incompatBits & incompat.flex_bg) !== 0,
    freeBlocks: join32(
      s.s_free_blocks_count_lo.get(view, 0),
      wide ? s.s_free_blocks_count_hi.get(view, 0) : 0,
    ),
    freeInodes: s.s_free_inodes_count.get(view, 0),
    firstInode: s.s_first_ino.get(view, 0),
    superblock: bytes.slice(),
  };
}
