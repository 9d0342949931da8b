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

/**
 * Memory is taken for each group. A filesystem of 16 TiB has an eighth of so many; but a superblock can say that
 * groups have eight blocks.
 */
const MAX_GROUPS = 2 ** 20;

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
  /** The block that holds the primary superblock. */
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

/** The primary superblock, as far as it is checked, and its features. */
interface Superblock {
  readonly target: string;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly compat: number;
  readonly incompat: number;
  readonly roCompat: number;
}

function must({ target }: Superblock, condition: boolean, reason: string): void {
  if (!condition) throw damaged({ target }, 'superblock', reason);
}

/**
 * Reads and checks the primary superblock.
 *
 * @throws filesystem-absent, filesystem-unsupported, filesystem-damaged
 */
export async function readFacts(reader: RandomReader, target: string): Promise<VolumeFacts> {
  const superblock = await readSuperblock(reader, target);
  assertFeatures(superblock);
  const geometry = geometryOf(superblock, reader.size);
  const { bytes, view } = superblock;
  const uuid = s.s_uuid.get(bytes, 0).slice();
  const state = s.s_state.get(view, 0);
  const wide = (superblock.incompat & incompat['64bit']) !== 0;
  return {
    target,
    label: textOf(s.s_volume_name.get(bytes, 0)),
    uuid,
    clean: (state & STATE_CLEAN) !== 0 && (state & STATE_ERRORS) === 0,
    ...geometry,
    hasCopy: copiesOf(superblock),
    checksums: checksumsOf(superblock),
    checksumSeed:
      superblock.incompat & incompat.metadata_csum_seed
        ? s.s_checksum_seed.get(view, 0)
        : crc32c(CRC32C_INITIAL, uuid),
    hashSeed: hashSeedOf(s.s_hash_seed.get(bytes, 0)),
    hashSignedness: s.s_flags.get(view, 0) & FLAG_UNSIGNED_HASH ? HASH_UNSIGNED : 0,
    indexedDirectories: (superblock.compat & compat.dir_index) !== 0,
    largeDirectories: (superblock.incompat & incompat.large_dir) !== 0,
    wideNameLength: (superblock.incompat & incompat.filetype) === 0,
    flexibleGroups: (superblock.incompat & incompat.flex_bg) !== 0,
    freeBlocks: join32(
      s.s_free_blocks_count_lo.get(view, 0),
      wide ? s.s_free_blocks_count_hi.get(view, 0) : 0,
    ),
    freeInodes: s.s_free_inodes_count.get(view, 0),
    firstInode: s.s_first_ino.get(view, 0),
    superblock: bytes.slice(),
  };
}

/** @throws filesystem-absent */
async function readSuperblock(reader: RandomReader, target: string): Promise<Superblock> {
  if (reader.size < SUPERBLOCK_OFFSET + SUPERBLOCK_SIZE) {
    throw builderError('filesystem-absent', { target });
  }
  const bytes = await reader.read(SUPERBLOCK_OFFSET, SUPERBLOCK_SIZE);
  const view = viewOf(bytes);
  if (s.s_magic.get(view, 0) !== EXT4_MAGIC) throw builderError('filesystem-absent', { target });
  return {
    target,
    bytes,
    view,
    compat: s.s_feature_compat.get(view, 0),
    incompat: s.s_feature_incompat.get(view, 0),
    roCompat: s.s_feature_ro_compat.get(view, 0),
  };
}

/** @throws filesystem-unsupported, filesystem-damaged where the checksum is wrong. */
function assertFeatures(superblock: Superblock): void {
  const { target, bytes, view } = superblock;
  if ((superblock.roCompat & roCompat.metadata_csum) !== 0) {
    // First of all: nothing else in a superblock with a wrong checksum means anything.
    const kind = s.s_checksum_type.get(view, 0);
    must(superblock, kind === CHECKSUM_CRC32C, 'unknown kind of checksum');
    const sum = s.s_checksum.get(view, 0);
    must(superblock, sum === superblockChecksum(bytes, 0), 'checksum does not match');
  }
  if (s.s_rev_level.get(view, 0) < REVISION_DYNAMIC) throw unsupported({ target }, 'revision 0');
  const strange = (superblock.incompat & ~SUPPORTED_INCOMPAT) >>> 0;
  if (strange === 0) return;
  const name = strange === incompat.recover ? 'a journal to be replayed' : featureNames(strange);
  throw unsupported({ target }, name);
}

type Geometry = Pick<
  VolumeFacts,
  | 'blockSize'
  | 'blocks'
  | 'firstDataBlock'
  | 'superblockBlock'
  | 'blocksPerGroup'
  | 'clustersPerGroup'
  | 'groups'
  | 'inodes'
  | 'inodesPerGroup'
  | 'inodeSize'
  | 'descriptorSize'
  | 'firstMetaGroup'
  | 'bigAllocation'
>;

/** @param deviceSize bytes. @throws filesystem-damaged */
function geometryOf(superblock: Superblock, deviceSize: number): Geometry {
  const { view } = superblock;
  const check = (condition: boolean, reason: string): void => must(superblock, condition, reason);
  const logBlockSize = s.s_log_block_size.get(view, 0);
  check(logBlockSize <= 6, 'block size');
  const blockSize = 1024 << logBlockSize;
  const wide = (superblock.incompat & incompat['64bit']) !== 0;
  const blocks = join32(
    s.s_blocks_count_lo.get(view, 0),
    wide ? s.s_blocks_count_hi.get(view, 0) : 0,
  );
  check(blocks * blockSize <= deviceSize, 'the filesystem is larger than the device');
  const firstDataBlock = s.s_first_data_block.get(view, 0);
  // The boot sector has block 0 for itself where blocks are of 1 KiB, except with clusters.
  check(firstDataBlock <= (blockSize === 1024 ? 1 : 0), 'first data block');
  const blocksPerGroup = s.s_blocks_per_group.get(view, 0);
  const clustersPerGroup = s.s_clusters_per_group.get(view, 0);
  const bigAllocation = (superblock.roCompat & roCompat.bigalloc) !== 0;
  check(blocksPerGroup > 0 && blocksPerGroup % 8 === 0, 'blocks per group');
  check(bigAllocation || blocksPerGroup <= blockSize * 8, 'blocks per group');
  check(!bigAllocation || clustersPerGroup <= blockSize * 8, 'clusters per group');
  check(blocks > firstDataBlock, 'number of blocks');
  const groups = Math.ceil((blocks - firstDataBlock) / blocksPerGroup);
  if (groups > MAX_GROUPS) throw beyondLimit(superblock, 'groups of blocks', MAX_GROUPS);
  const inodesPerGroup = s.s_inodes_per_group.get(view, 0);
  check(inodesPerGroup > 0 && inodesPerGroup <= blockSize * 8, 'inodes per group');
  const inodes = s.s_inodes_count.get(view, 0);
  check(inodes === groups * inodesPerGroup, 'number of inodes');
  const inodeSize = s.s_inode_size.get(view, 0);
  const isInodeSize = inodeSize >= INODE_BASE_SIZE && inodeSize <= blockSize;
  check(isInodeSize && isPowerOfTwo(inodeSize), 'inode size');
  const descriptorSize = wide ? s.s_desc_size.get(view, 0) : DESCRIPTOR_SIZE;
  const isDescriptorSize = descriptorSize >= DESCRIPTOR_SIZE_64BIT && descriptorSize <= 1024;
  check(!wide || (isDescriptorSize && isPowerOfTwo(descriptorSize)), 'descriptor size');
  const hasMetaGroups = (superblock.incompat & incompat.meta_bg) !== 0;
  return {
    ...{ blockSize, blocks, firstDataBlock, blocksPerGroup, groups, bigAllocation },
    ...{ inodes, inodesPerGroup, inodeSize, descriptorSize },
    superblockBlock: blockSize === SUPERBLOCK_OFFSET ? 1 : 0,
    clustersPerGroup: bigAllocation ? clustersPerGroup : blocksPerGroup,
    firstMetaGroup: hasMetaGroups ? s.s_first_meta_bg.get(view, 0) : Infinity,
  };
}

function isPowerOfTwo(value: number): boolean {
  return (value & (value - 1)) === 0;
}

/** Which groups have a copy of the superblock. */
function copiesOf({ bytes, ...features }: Superblock): (group: number) => boolean {
  if (features.compat & compat.sparse_super2) {
    const backups = viewOf(s.s_backup_bgs.get(bytes, 0));
    const copies = [0, backups.getUint32(0, true), backups.getUint32(4, true)];
    return (group) => copies.includes(group);
  }
  return features.roCompat & roCompat.sparse_super ? hasSuperblockCopy : () => true;
}

function checksumsOf(features: Superblock): VolumeFacts['checksums'] {
  if (features.roCompat & roCompat.metadata_csum) return 'crc32c';
  return features.roCompat & roCompat.uninit_bg ? 'crc16 of descriptors' : 'none';
}
