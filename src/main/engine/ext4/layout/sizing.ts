import { builderError } from '../../../../shared/errors.ts';
import type { Steps } from '../../event-loop.ts';
import {
  BLOCKS_PER_GROUP,
  BLOCK_SIZE,
  MAX_BLOCKS,
  MAX_INODES_PER_GROUP,
  geometryOf,
  minLastGroupBlocks,
  type Geometry,
} from './geometry.ts';
import type { BlockRange } from './free-runs.ts';
import { place, type Placement } from './placement.ts';
import { PROBED_END } from './probed.ts';
import type { Ext4Contents, Tree } from './tree.ts';

/** The number of inodes is fixed for ever: people who add files need some to spare. */
const MIN_FREE_INODES = 1000;
const FREE_INODES_PER_USED = 1 / 4;

/** No file may lie there, but a copy of the superblock may. */
export const END_BLOCKS = PROBED_END / BLOCK_SIZE;

const inodesFor = (tree: Tree): number =>
  tree.lastInode + Math.max(MIN_FREE_INODES, Math.ceil(tree.lastInode * FREE_INODES_PER_USED));

export interface SizedFilesystem {
  readonly geometry: Geometry;
  readonly placement: Placement;
  /** All blocks of kept files, ascending. */
  readonly keptRuns?: readonly BlockRange[];
}

/** The plan for exactly `blocks`, or null where it does not fit. */
function* planBlocks(
  tree: Tree,
  contents: Ext4Contents,
  blocks: number,
  usable?: readonly BlockRange[],
): Steps<SizedFilesystem | null> {
  const geometry = geometryOf(blocks, inodesFor(tree));
  if (geometry.inodesPerGroup > MAX_INODES_PER_GROUP) return null;
  if (blocks - (geometry.groups - 1) * BLOCKS_PER_GROUP < minLastGroupBlocks(geometry)) return null;
  const placement = yield* place(tree, contents.files, geometry, { usable });
  return placement.end + END_BLOCKS <= blocks ? { geometry, placement } : null;
}

/** Blocks of the smallest filesystem that holds the contents. */
export function* smallestBlocks(tree: Tree, contents: Ext4Contents): Steps<number> {
  const inodes = inodesFor(tree);
  let groups = Math.ceil(inodes / MAX_INODES_PER_GROUP);
  for (;;) {
    const geometry = geometryOf(groups * BLOCKS_PER_GROUP, inodes);
    const end = (yield* place(tree, contents.files, geometry)).end + END_BLOCKS;
    const needed = Math.ceil(end / BLOCKS_PER_GROUP);
    if (needed <= groups) {
      const lastGroup = (groups - 1) * BLOCKS_PER_GROUP;
      return Math.max(end, groups === 1 ? 1 : lastGroup + minLastGroupBlocks(geometry));
    }
    groups = needed;
  }
}

/** What a plan for a given size depends on besides the tree. */
interface SizeRequest extends Ext4Contents {
  /** For error messages only. */
  readonly target: string;
  /** Runs of blocks that may be taken; all, where nothing else is said. */
  readonly usable?: readonly BlockRange[];
}

/**
 * The plan for a device of `size` bytes. Spans all of it, except for a rest of less than a block,
 * a last group too small to be of use, and what lies beyond 16 TiB.
 */
export function* planSize(tree: Tree, request: SizeRequest, size: number): Steps<SizedFilesystem> {
  const { target, usable } = request;
  const blocks = Math.min(Math.floor(size / BLOCK_SIZE), MAX_BLOCKS);
  const wholeGroups = Math.floor(blocks / BLOCKS_PER_GROUP) * BLOCKS_PER_GROUP;
  const plan =
    (blocks > 0 ? yield* planBlocks(tree, request, blocks, usable) : null) ??
    (wholeGroups > 0 && wholeGroups < blocks
      ? yield* planBlocks(tree, request, wholeGroups, usable)
      : null);
  if (plan !== null) return plan;
  const needed = (yield* smallestBlocks(tree, request)) * BLOCK_SIZE;
  throw builderError('output-size-too-small', { path: target, needed, size });
}
