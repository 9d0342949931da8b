import type { BlobPlaces } from '../../content/blob-places.ts';
import { STEP_ITEMS, type Steps } from '../../event-loop.ts';
import { sortInSteps } from '../../sort.ts';
import { without, type BlockRange } from './free-runs.ts';
import { BLOCK_SIZE } from './geometry.ts';
import { blocksFor, place } from './placement.ts';
import { WIPE_BYTES } from './probed.ts';
import { END_BLOCKS, type SizedFilesystem } from './sizing.ts';
import type { Ext4Contents, Tree } from './tree.ts';

/**
 * Shortest runs of free blocks that new files are put into, tried one after another. A stick needs as long to
 * find another place as to write a megabyte or so, and holes that small files have left are many.
 */
const SHORTEST_RUNS = [1024, 64, 1];

/** A run of blocks and the file that it belongs to. */
interface OwnedRun extends BlockRange {
  readonly fileIndex: number;
}

/**
 * The filesystem with everything at its place, but for files that the device has already: those stay, and new
 * ones are put between them. Metadata is where it would be without kept files.
 * @param whole the same without kept files.
 * @param size bytes of the device.
 * @param places where files are said to be, which may be wrong; files that cannot stay there are taken out.
 * @returns null where the new files do not fit into what is free without being cut into many pieces.
 */
export function* placeAroundKept(
  tree: Tree,
  { files }: Ext4Contents,
  whole: SizedFilesystem,
  size: number,
  places: BlobPlaces,
): Steps<SizedFilesystem | null> {
  const { geometry } = whole;
  const keptRuns = yield* dropUnusable(files, whole, size, places);
  const { metadataEnd } = whole.placement;
  const all = [{ first: metadataEnd, end: geometry.blocks - END_BLOCKS }];
  const free = without(without(all, geometry.reserved), keptRuns);
  for (const shortest of SHORTEST_RUNS) {
    const usable = [
      { first: 0, end: metadataEnd },
      ...free.filter(({ first, end }) => end - first >= shortest),
    ];
    const placement = yield* place(tree, files, geometry, { usable, kept: places });
    if (placement.end !== Infinity) return { geometry, placement, keptRuns };
  }
  return null;
}

/**
 * Takes out what is or will be written over: by the wipe, metadata or a copy of the superblock; what lies beyond
 * the filesystem; and all that share a block.
 * @returns the runs of the others, ascending, neighbours joined.
 */
function* dropUnusable(
  files: Ext4Contents['files'],
  { geometry, placement }: SizedFilesystem,
  size: number,
  places: BlobPlaces,
): Steps<BlockRange[]> {
  const lowest = Math.max(placement.metadataEnd, Math.ceil(WIPE_BYTES / BLOCK_SIZE));
  const highest = Math.min(geometry.blocks, Math.floor((size - WIPE_BYTES) / BLOCK_SIZE));
  const runs: OwnedRun[] = [];
  for (const fileIndex of places.fileIndexes()) {
    if (runs.length % STEP_ITEMS === 0) yield;
    const blocks = blocksFor(files[fileIndex]?.size ?? 0);
    for (const run of places.runsOf(fileIndex, blocks) ?? []) runs.push({ ...run, fileIndex });
  }
  yield* sortInSteps(runs, (a, b) => a.first - b.first);
  const dropped = new Set<number>();
  let last: OwnedRun | null = null;
  for (const [i, run] of runs.entries()) {
    if (i % STEP_ITEMS === 0) yield;
    if (run.first < lowest || run.end > highest) dropped.add(run.fileIndex);
    if (last !== null && run.first < last.end) dropped.add(run.fileIndex).add(last.fileIndex);
    if (last === null || run.end > last.end) last = run;
  }
  yield* dropOverlapping(runs, geometry.reserved, dropped);
  for (const fileIndex of dropped) places.delete(fileIndex);
  return yield* neighboursJoined(runs.filter(({ fileIndex }) => !dropped.has(fileIndex)));
}

/** Notes the files of runs that overlap one of `holes`. Both ascend; runs may overlap each other. */
function* dropOverlapping(
  runs: readonly OwnedRun[],
  holes: readonly BlockRange[],
  dropped: Set<number>,
): Steps<void> {
  let index = 0;
  for (const [i, { first, end, fileIndex }] of runs.entries()) {
    if (i % STEP_ITEMS === 0) yield;
    while ((holes[index]?.end ?? Infinity) <= first) index++;
    const hole = holes[index];
    if (hole !== undefined && hole.first < end) dropped.add(fileIndex);
  }
}

function* neighboursJoined(runs: readonly BlockRange[]): Steps<BlockRange[]> {
  const found: { first: number; end: number }[] = [];
  for (const [i, { first, end }] of runs.entries()) {
    if (i % STEP_ITEMS === 0) yield;
    const last = found.at(-1);
    if (last?.end === first) last.end = end;
    else found.push({ first, end });
  }
  return found;
}
