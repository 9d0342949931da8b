import { DESCRIPTOR_SIZE } from '../format/group.ts';
import { hasSuperblockCopy } from '../format/superblock.ts';
import type { BlockRange } from './free-runs.ts';

/** Bytes. The only block size that every kernel mounts whatever its page size. */
export const BLOCK_SIZE = 4096;
export const INODE_SIZE = 256;
export const INODES_PER_BLOCK = BLOCK_SIZE / INODE_SIZE;
/** One bit of one bitmap block for every block: 128 MiB a group. */
export const BLOCKS_PER_GROUP = BLOCK_SIZE * 8;
/** One bit of one bitmap block for every inode. */
export const MAX_INODES_PER_GROUP = BLOCK_SIZE * 8;
/** Block numbers are 32 bits without the 64bit feature: 16 TiB less one block. */
export const MAX_BLOCKS = 0xffffffff;
/** mke2fs and resize2fs leave out a last group that has fewer blocks than this for data. */
const MIN_DATA_BLOCKS_IN_LAST_GROUP = 50;

/** What follows from the number of blocks and inodes alone. */
export interface Geometry {
  readonly blocks: number;
  readonly groups: number;
  readonly inodesPerGroup: number;
  /** Blocks of one group's inode table. */
  readonly tableBlocks: number;
  /** Blocks of the group descriptors, of which every copy of the superblock is followed. */
  readonly descriptorBlocks: number;
  /** Groups with a copy of superblock and descriptors, ascending; group 0 is the first. */
  readonly copyGroups: readonly number[];
  /** Where those stand, ascending. Nothing else may be placed there. */
  readonly reserved: readonly BlockRange[];
}

/** @param inodes at least; rounded up to whole blocks of every group's table. */
export function geometryOf(blocks: number, inodes: number): Geometry {
  const groups = Math.ceil(blocks / BLOCKS_PER_GROUP);
  const tableBlocks = Math.ceil(inodes / groups / INODES_PER_BLOCK);
  const descriptorBlocks = Math.ceil((groups * DESCRIPTOR_SIZE) / BLOCK_SIZE);
  const copyGroups: number[] = [];
  for (let group = 0; group < groups; group++) {
    if (hasSuperblockCopy(group)) copyGroups.push(group);
  }
  return {
    blocks,
    groups,
    inodesPerGroup: tableBlocks * INODES_PER_BLOCK,
    tableBlocks,
    descriptorBlocks,
    copyGroups,
    reserved: copyGroups.map((group) => ({
      first: group * BLOCKS_PER_GROUP,
      end: group * BLOCKS_PER_GROUP + 1 + descriptorBlocks,
    })),
  };
}

/** Blocks that the last group must have to be worth having; none where it is the only one. */
export function minLastGroupBlocks(geometry: Geometry): number {
  if (geometry.groups === 1) return 0;
  const copy = hasSuperblockCopy(geometry.groups - 1) ? 1 + geometry.descriptorBlocks : 0;
  return copy + 2 + geometry.tableBlocks + MIN_DATA_BLOCKS_IN_LAST_GROUP;
}

/** Blocks that hold neither files nor directories: what the kernel counts as overhead. */
export function overheadBlocks(geometry: Geometry): number {
  return (
    geometry.copyGroups.length * (1 + geometry.descriptorBlocks) +
    geometry.groups * (2 + geometry.tableBlocks)
  );
}
