import { BuilderError, builderError, toErrorData } from '../../shared/errors.ts';
import { onOneDisk, type DriveIdentity } from '../../shared/model/drive.ts';
import {
  MAX_DRIVES,
  type BuildRequest,
  type DriveRequest,
  type OutputRequest,
} from '../../shared/model/job.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { emit } from '../engine/emit/emit.ts';
import type { Output } from '../engine/emit/output.ts';
import { assertAllUnchanged } from '../engine/emit/read-plan.ts';
import type { Layout } from '../engine/layout/layout.ts';
import type { PlannedFile } from '../engine/plan/build-plan.ts';
import type { Plan } from '../engine/plan/plan.ts';
import { runYielding } from '../engine/event-loop.ts';
import type { DriveTarget } from '../engine/target/drive-target.ts';
import type { JobContext } from './context.ts';
import { FileLanes } from './file-lanes.ts';
import { DriveLane, type LaneJob } from './lane.ts';
import { Outcomes } from './outcomes.ts';
import { assertDriveSize, filesystemLayout } from './outputs.ts';
import { assertNotUnmounted, filesystemIdsOf } from './filesystem-ids.ts';
import { proveContents } from './prove.ts';
import { wantedBlobs } from './refresh.ts';
import { WatchedDrive } from './watched-drive.ts';

/** A drive of the request, by the position of its output. */
interface IndexedDrive {
  readonly index: number;
  readonly request: DriveRequest;
}

/** A drive that is open, and how the plan lies on it. */
interface OpenedDrive extends IndexedDrive {
  readonly target: DriveTarget;
  readonly layout: Layout;
}

export function drivesOf(outputs: readonly OutputRequest[]): IndexedDrive[] {
  return outputs.flatMap((request, index) => (request.kind === 'drive' ? { index, request } : []));
}

/** To be called before any work is done. @throws `usage-too-many-drives`, `drive-named-twice` */
export function assertDrivesDiffer(drives: readonly DriveIdentity[]): void {
  if (drives.length > MAX_DRIVES) throw builderError('usage-too-many-drives', { most: MAX_DRIVES });
  for (const [index, drive] of drives.entries())
    if (drives.slice(0, index).some((other) => onOneDisk(other, drive)))
      throw builderError('drive-named-twice', { drive: drive.model ?? drive.path });
}

/**
 * Fills every output of the request from one pass over the inputs. A drive that fails, or is stopped, is left
 * out, and the others go on. A file that fails ends the job, because files get their names together.
 *
 * Rejects when what the job is for cannot be reached any more: with a file's error, or, of a job with drives,
 * when all of them have failed. Then no file is left, except those that were complete before.
 * @param unproven files of the plan whose contents are not yet known to be right.
 */
export async function fillOutputs(
  requests: BuildRequest['outputs'],
  job: LaneJob,
  context: JobContext,
  unproven: readonly PlannedFile[],
): Promise<readonly Outcome[]> {
  const { plan, proven, pool, ending } = job;
  const outcomes = new Outcomes(requests, context);
  const drives = drivesOf(requests);
  const files = await FileLanes.open(requests, plan, outcomes, context);
  for (const { request } of drives)
    await runYielding(assertDriveSize(request.identity, plan), context.signal);
  // A drive is erased only when everything that goes on it is known to be right.
  if (drives.length > 0) await proveContents(plan, unproven, proven, { ...context, pool });
  const wanted = drives.some(({ request }) => request.refresh === true)
    ? await wantedBlobs(plan, context.signal)
    : undefined;
  const opened = await openDrives(drives, plan, files.paths, context);
  const lanes = newLanes(opened, { ...job, wanted }, outcomes, context);
  try {
    await writeAll(files, lanes, job, context);
    await Promise.all(lanes.map((lane) => lane.complete()));
    assertOneLeft(lanes);
    // A cancel that came while some were being given their names has ended the others.
    if (lanes.some(({ failure }) => failure !== null)) context.signal.throwIfAborted();
    // The reader of a stream goes on at its end: everything else is complete by then.
    await files.endStreams(ending);
    return outcomes.list;
  } catch (error) {
    ending.fail(error);
    throw error;
  } finally {
    // One that cannot be closed must not keep the others open: the elevated writers above all.
    await Promise.allSettled([files.close(), ...lanes.map((lane) => lane.close())]);
  }
}

/** Opens all drives of the job, or none. Nothing on them is changed yet. */
async function openDrives(
  drives: readonly IndexedDrive[],
  plan: Plan,
  filePaths: readonly string[],
  context: JobContext,
): Promise<OpenedDrive[]> {
  const [first] = drives;
  if (first === undefined) return [];
  if (context.openDrives === undefined)
    throw builderError('drive-not-found', { path: first.request.identity.path });
  const places = await filesystemIdsOf([...plan.inputs.map(({ path }) => path), ...filePaths]);
  // A job that was cancelled has settled, and a drive waits for those to end: this one for itself.
  context.signal.throwIfAborted();
  const targets = await context.openDrives(drives.map(({ request }) => request));
  try {
    for (const { name } of targets) await assertNotUnmounted(places, name);
    // The last moment at which an image that is gone costs nothing.
    await assertAllUnchanged(plan);
    // Drives of one size share a layout.
    const layouts = new Map<number, Layout>();
    for (const { name, size } of targets)
      if (!layouts.has(size))
        layouts.set(size, await runYielding(filesystemLayout(plan, name, size), context.signal));
    return drives.map((drive, i) => {
      const target = targets[i];
      const layout = layouts.get(target?.size ?? 0);
      if (target === undefined || layout === undefined) throw new Error('each drive has a target');
      return { ...drive, target, layout };
    });
  } catch (error) {
    await Promise.allSettled(targets.map((target) => target.close()));
    throw error;
  }
}

function newLanes(
  opened: readonly OpenedDrive[],
  job: LaneJob,
  outcomes: Outcomes,
  { signal, outputSignal }: JobContext,
): DriveLane[] {
  return opened.map(({ index, request, target, layout }) => {
    const own = outputSignal?.(index);
    const parts = {
      ...{ request, layout, reporter: outcomes.reporter(index) },
      signal: own === undefined ? signal : AbortSignal.any([signal, own]),
    };
    // Alone it holds nothing up: how long it is waited for is the person's to say.
    if (opened.length === 1) return new DriveLane(job, { ...parts, target });
    const watched = new WatchedDrive(target, (error) => lane.fail(error));
    const lane = new DriveLane(job, { ...parts, target: watched });
    return lane;
  });
}

/** From the first byte to where files are complete and drives have all but their commit block. */
async function writeAll(
  files: FileLanes,
  lanes: readonly DriveLane[],
  { plan, proven, pool, ending }: LaneJob,
  { signal }: JobContext,
): Promise<void> {
  // Files first: where one cannot be made, the drives are still what they were.
  await files.prepare();
  await Promise.all(lanes.map((lane) => lane.prepare()));
  assertOneLeft(lanes);
  const living = lanes.filter(({ failure }) => failure === null);
  const writers = [...files.startWriting(plan), ...living.map((lane) => lane.startWriting())];
  const byOutput = new Map<Output, DriveLane>(living.map((lane) => [lane.output, lane]));
  const meters = new Map(writers.map(({ output, meter }) => [output, meter]));
  await emit(plan, [...meters.keys()], {
    signal,
    pool,
    // What goes onto a drive was proved a moment ago, and is proved again when it is read back.
    hash: files.count > 0,
    proven,
    onOutputProgress: (output, bytes, count) => meters.get(output)?.update(bytes, count),
    onOutputFailure: (output, error) => {
      const lane = byOutput.get(output);
      if (lane === undefined) throw error;
      lane.fail(error);
      assertOneLeft(lanes);
    },
  });
  for (const { meter } of writers) meter.finish();
  files.startFlushing();
  for (const lane of lanes) lane.startFlushing();
  // Before the drives are finished: files stay, whatever happens to those.
  await files.finish(ending, signal);
}

/** @throws why the drives were given up, where there are some and none is left: a fault rather than a stop. */
function assertOneLeft(lanes: readonly DriveLane[]): void {
  const failures = lanes.flatMap(({ failure }) => (failure === null ? [] : [failure.error]));
  if (lanes.length === 0 || failures.length < lanes.length) return;
  const fault = failures.find((error) => toErrorData(error).code !== 'cancelled');
  // What ended a lane goes on as it is.
  // eslint-disable-next-line @typescript-eslint/only-throw-error
  throw fault ?? failures[0] ?? new BuilderError({ code: 'cancelled', params: {} });
}
