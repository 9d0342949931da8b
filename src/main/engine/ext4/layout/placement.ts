import type { BlobPlaces } from '../../content/blob-places.ts';
import { STEP_ITEMS, type Steps } from '../../event-loop.ts';
import { MAX_EXTENT_BLOCKS } from '../format/extent.ts';
import { extentCount, extentTreeBlocks } from './extent-tree.ts';
import { ALL_BLOCKS, FreeRuns, without, type BlockCursor, type BlockRange } from './free-runs.ts';
import { BLOCK_SIZE, type Geometry } from './geometry.ts';
import { PROBED_FRONT } from './probed.ts';
import type { Tree } from './tree.ts';

/**
 * Where everything is placed. In ascending order: block bitmaps, inode bitmaps, inode tables,
 * directories, files behind all that libblkid looks at; copies of the superblock lie in between where the
 * format wants them, and so does what is not free.
 */
export interface Placement {
  readonly blockBitmaps: Uint32Array;
  readonly inodeBitmaps: Uint32Array;
  readonly inodeTables: Uint32Array;
  /** First block of each directory; see {@link bodyOf}. */
  readonly directories: Uint32Array;
  /**
   * First block that was taken for each file: of its data, or of a kept one's extent tree. Of no meaning where
   * none was.
   */
  readonly files: Uint32Array;
  /** Files that stay where they are; null: none. */
  readonly kept: BlobPlaces | null;
  /** Bitmaps, inode tables and directories end before this block; copies of the superblock do not. */
  readonly metadataEnd: number;
  /** Nothing from here on is taken. Infinity: not everything found a place. */
  readonly end: number;
  /** All blocks of the above that are written, ascending: without those of kept files. */
  readonly taken: readonly BlockRange[];
  /** From which they were taken. */
  readonly free: FreeRuns;
}

export const blocksFor = (bytes: number): number => Math.ceil(bytes / BLOCK_SIZE);

/** The data of a file or directory, and the blocks of its extent tree, which follow the data. */
export interface Body {
  readonly runs: readonly BlockRange[];
  readonly treeBlocks: readonly number[];
}

const NO_TREE: readonly number[] = [];

/** The body of file `index`, which has `blocks` of data. */
export function fileBodyOf({ files, kept, free }: Placement, index: number, blocks: number): Body {
  const first = files[index] ?? 0;
  const runs = kept?.runsOf(index, blocks);
  if (!runs) return bodyOf(first, blocks, free);
  const treeRuns = free.from(first, extentTreeBlocks(extentCount(runs)));
  return { runs, treeBlocks: treeRuns.flatMap((run) => rangeNumbers(run.first, run.end)) };
}

/** `first` as placed; `blocks` of data. */
export function bodyOf(first: number, blocks: number, free: FreeRuns): Body {
  const runs = free.from(first, blocks);
  const treeCount = extentTreeBlocks(extentCount(runs));
  if (treeCount === 0) return { runs, treeBlocks: NO_TREE };
  const treeBlocks = free
    .from(first, blocks + treeCount)
    .flatMap((run) => rangeNumbers(Math.max(run.first, runs.at(-1)?.end ?? 0), run.end));
  return { runs, treeBlocks };
}

const rangeNumbers = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);

/** Places `blocks` of data and the extent tree that they need. */
function takeBody(cursor: BlockCursor, blocks: number, free: FreeRuns): number {
  const first = cursor.take(blocks);
  // Up to four extents fit into the inode: nothing shorter than four runs needs a closer look.
  if (cursor.next - first !== blocks || blocks > BLOCK_SIZE) {
    if (cursor.next === Infinity) return first;
    cursor.take(extentTreeBlocks(extentCount(free.from(first, blocks))));
  }
  return first;
}

/** Runs that a file of so many blocks may be in: a few more than the longest extents of a whole filesystem. */
export function mostRuns(blocks: number): number {
  return 4 + Math.floor(blocks / MAX_EXTENT_BLOCKS);
}

/** Where things may be placed. */
export interface Room {
  /** Runs of blocks that may be taken, ascending; copies of the superblock are left out of them. Default: all. */
  readonly usable?: readonly BlockRange[] | undefined;
  /**
   * Files that stay where they are, in blocks that are not usable. Then what is between them is free in pieces,
   * and no other file is cut into more than {@link mostRuns}: what is left over stays free.
   */
  readonly kept?: BlobPlaces;
}

/** Fills the filesystem from the front. `end` may turn out beyond the last block: too small. */
export function* place(
  tree: Tree,
  files: readonly { readonly size: number }[],
  geometry: Geometry,
  { usable = ALL_BLOCKS, kept }: Room = {},
): Steps<Placement> {
  const { groups, tableBlocks, reserved } = geometry;
  const free = new FreeRuns(without(usable, reserved));
  const cursor = free.cursor();
  function* each(count: number, take: (index: number) => number): Steps<Float64Array> {
    const places = new Float64Array(count);
    for (let index = 0; index < count; index++) {
      places[index] = take(index);
      if (index % STEP_ITEMS === 0) yield;
    }
    return places;
  }
  const blockBitmaps = yield* each(groups, () => cursor.takeAdjacent(1));
  const inodeBitmaps = yield* each(groups, () => cursor.takeAdjacent(1));
  const inodeTables = yield* each(groups, () => cursor.takeAdjacent(tableBlocks));
  const directories = yield* each(tree.directories.length, (index) =>
    takeBody(cursor, tree.directories[index]?.shape.blocks ?? 0, free),
  );
  const metadataEnd = cursor.next;
  // Bitmaps, inodes and directories are made of numbers and of our names: nothing in them looks like a
  // signature. A file holds what somebody else chose.
  cursor.skipTo(PROBED_FRONT / BLOCK_SIZE);
  const fileBlocks = yield* each(files.length, (index) => {
    const blocks = blocksFor(files[index]?.size ?? 0);
    if (kept === undefined) return takeBody(cursor, blocks, free);
    const runs = kept.runsOf(index, blocks);
    // Kept or new: blocks are taken in the order of the files, so that all writes ascend.
    if (runs !== null) return cursor.take(extentTreeBlocks(extentCount(runs)));
    cursor.skipFragments(blocks, mostRuns(blocks));
    return takeBody(cursor, blocks, free);
  });
  return {
    blockBitmaps: Uint32Array.from(blockBitmaps),
    inodeBitmaps: Uint32Array.from(inodeBitmaps),
    inodeTables: Uint32Array.from(inodeTables),
    directories: Uint32Array.from(directories),
    files: Uint32Array.from(fileBlocks),
    kept: kept ?? null,
    metadataEnd,
    end: cursor.next,
    taken: cursor.taken,
    free,
  };
}
