import { BuilderError } from '../../shared/errors.ts';
import { CACHE_LABEL } from '../../shared/model/manifest.ts';
import type { RefreshResult, WholeReason } from '../../shared/model/outcome.ts';
import type { BlobPlaces } from '../engine/content/blob-places.ts';
import { Pace, runYielding, yieldToEventLoop } from '../engine/event-loop.ts';
import { mostRuns } from '../engine/ext4/layout/placement.ts';
import { BLOCK_SIZE } from '../engine/ext4/layout/geometry.ts';
import { Ext4Reader } from '../engine/ext4/reader/ext4-reader.ts';
import { boundedReader, findBlobs, type WantedFile } from '../engine/ext4/reader/find-blobs.ts';
import type { Layout } from '../engine/layout/layout.ts';
import type { Plan } from '../engine/plan/plan.ts';
import { ShardedMap } from '../engine/sharded.ts';
import type { DriveTarget } from '../engine/target/drive-target.ts';
import { blockReader } from './drive-reader.ts';
import { refreshedLayout } from './outputs.ts';

/** Where more than this part of all bytes is new, writing around what is kept saves little. */
const MOST_NEW = 0.7;

/** Blobs of a plan by their path, for all drives of a job that are refreshed. */
export type WantedBlobs = ReadonlyMap<string, WantedFile>;

export async function wantedBlobs({ files }: Plan, signal: AbortSignal): Promise<WantedBlobs> {
  const wanted = new ShardedMap<string, WantedFile>();
  const pace = new Pace();
  for (const [fileIndex, { path, size }] of files.entries()) {
    if (pace.isDue) await yieldToEventLoop(signal);
    // Only these have a name that says what they hold.
    if (path.startsWith('data/')) wanted.set(path, { fileIndex, size });
  }
  return wanted;
}

/**
 * How a drive is written: around what it holds already, where that is possible and worth while. Only reads; what
 * it reads may be hostile.
 * @param whole the layout without anything that is kept.
 */
export async function layoutForRefresh(
  target: DriveTarget,
  plan: Plan,
  whole: Layout,
  wanted: WantedBlobs,
  signal: AbortSignal,
): Promise<{ readonly layout: Layout; readonly result: RefreshResult }> {
  const asWhole = (reason: WholeReason) => ({
    layout: whole,
    result: { kind: 'whole', reason } as const,
  });
  const places = await findPlaces(target, wanted, signal);
  if (typeof places === 'string') return asWhole(places);
  const steps = refreshedLayout(plan, target.name, target.size, places);
  const layout = await runYielding(steps, signal);
  if (layout?.kept === undefined) return asWhole('fragmented');
  const { totalBytes } = plan.summary;
  const keptBytes = layout.kept.bytes;
  const writtenBytes = totalBytes - keptBytes;
  if (writtenBytes > MOST_NEW * totalBytes) return asWhole('mostly-new');
  return { layout, result: { kind: 'refreshed', writtenBytes, keptBytes } };
}

async function findPlaces(
  target: DriveTarget,
  wanted: WantedBlobs,
  signal: AbortSignal,
): Promise<BlobPlaces | WholeReason> {
  try {
    const ext4 = await Ext4Reader.open(boundedReader(blockReader(target, null)), target.name);
    if (ext4.label !== CACHE_LABEL) return 'not-ours';
    if (!ext4.clean || ext4.blockSize !== BLOCK_SIZE) return 'unsound';
    return await findBlobs(ext4, (path) => wanted.get(path), mostRuns, signal);
  } catch (error) {
    if (!(error instanceof BuilderError)) throw error;
    // What a worn stick cannot read any more it may still be able to write; reading back decides.
    if (error.code === 'drive-read-failed') return 'unreadable';
    // A drive that is gone, or stalls, ends the lane.
    if (!error.code.startsWith('filesystem-')) throw error;
    return error.code === 'filesystem-absent' ? 'not-ours' : 'unsound';
  }
}
