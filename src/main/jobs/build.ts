import { dirname } from 'node:path';
import { builderError } from '../../shared/errors.ts';
import type { BuildRequest, BuildResult, OutputRequest } from '../../shared/model/job.ts';
import type { ImageReport } from '../../shared/model/image-report.ts';
import type { Phase } from '../../shared/model/progress.ts';
import { wallClockSeconds } from '../../shared/wall-clock.ts';
import { emit } from '../engine/emit/emit.ts';
import { LayoutOutput } from '../engine/emit/layout-output.ts';
import type { Output } from '../engine/emit/output.ts';
import { assertAllUnchanged } from '../engine/emit/read-plan.ts';
import type { Plan } from '../engine/plan/plan.ts';
import { HashPool } from '../engine/pool/hash-pool.ts';
import { runYielding, yieldToEventLoop } from '../engine/event-loop.ts';
import { boundGarbage, collectGarbage } from './collect-garbage.ts';
import type { DriveTarget, JobContext, KnownImage } from './context.ts';
import { inspectImages, stillKnown } from './inspect.ts';
import { Meter } from './meter.ts';
import {
  checkDriveSize,
  checkRoom,
  fileOutput,
  filesystemLayout,
  removeAbandonedBeside,
  type FileOutput,
} from './outputs.ts';
import { checkOutputPlaces } from './output-places.ts';
import { checkNotUnmounted, placesOf, type Places } from './places.ts';
import { planImages } from './plan.ts';
import { settling, type Ending } from './settling.ts';
import { TimeLeft } from './time-left.ts';
import { verifyDrive } from './verify-drive.ts';

/**
 * Builds an offline OTA image and puts it into every output. Rejects with what any stage finds; then
 * no output is left, except a file that was complete before the failure. {@link settling} says when, and
 * what goes on after that.
 */
export function build(request: BuildRequest, context: JobContext): Promise<BuildResult> {
  const timeLeft = new TimeLeft();
  return settling({ ...context, timeLeft }, (own, ending) => buildOutputs(request, own, ending));
}

async function buildOutputs(
  request: BuildRequest,
  context: JobContext,
  ending: Ending,
): Promise<BuildResult> {
  const began = performance.now();
  boundGarbage();
  await removeAbandonedBeside(request.outputs, context.signal);
  const images = request.images.map(({ path }) => path);
  await checkOutputPlaces(request.outputs, images, context.signal);
  const known = await stillKnown(context.known ?? []);
  // Threads take a while to start; meanwhile the images are inspected.
  const pool = new HashPool();
  try {
    const { plan, reports } = await inspectAndPlan(request, context, known);
    collectGarbage();
    await yieldToEventLoop(context.signal);
    const proven = known.filter((each) => each.proven).map(({ image }) => image.report.path);
    const outputs = await writeOutputs(
      request,
      plan,
      { ...context, pool },
      new Set(proven),
      ending,
    );
    return {
      summary: plan.summary,
      images: reports,
      outputs,
      milliseconds: Math.round(performance.now() - began),
    };
  } finally {
    await pool.close();
  }
}

/** What a job runs in, with the threads that hash for it. */
type Running = JobContext & { readonly pool: HashPool };

/** On its own, so that the inspected images are given back before anything is written. */
async function inspectAndPlan(
  request: BuildRequest,
  context: JobContext,
  known: readonly KnownImage[],
): Promise<{ plan: Plan; reports: ImageReport[] }> {
  const images = await inspectImages(
    {
      paths: request.images.map(({ path }) => path),
      caDir: request.caDir,
      checkSignature: request.checkSignature,
    },
    context,
    known,
  );
  await yieldToEventLoop(context.signal);
  const timestamp = request.timestamp ?? wallClockSeconds();
  return {
    plan: await planImages(request.images, images, timestamp, context.signal),
    reports: images.map(({ report }) => report),
  };
}

/**
 * Hashes the blobs of the plan without writing anything. Rejects with `blob-corrupt`.
 * @param proven paths of inputs whose contents are known to be right.
 */
export async function checkPlanContents(
  plan: Plan,
  context: Pick<JobContext, 'signal' | 'onProgress' | 'timeLeft'> & { readonly pool?: HashPool },
  proven: ReadonlySet<string> = new Set(),
): Promise<void> {
  const files = plan.files.filter(
    ({ source }) => source.kind === 'member' && !proven.has(plan.inputs[source.input]?.path ?? ''),
  );
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  // What is written afterwards has its own speed.
  const following = context.timeLeft === undefined ? 0 : null;
  await withMeter('check', { bytes, files: files.length, following }, context, (onProgress) =>
    emit({ ...plan, files }, [], { ...context, onProgress }),
  );
}

type DriveRequest = OutputRequest & { kind: 'drive' };

interface DriveOutput {
  readonly request: DriveRequest;
  readonly target: DriveTarget;
  readonly output: LayoutOutput;
  readonly commitBlock: { readonly offset: number; readonly bytes: Uint8Array };
}

async function writeOutputs(
  { outputs: requests, checkSignature }: BuildRequest,
  plan: Plan,
  context: Running,
  proven: ReadonlySet<string>,
  ending: Ending,
): Promise<BuildResult['outputs']> {
  const files: FileOutput[] = [];
  for (const request of requests) {
    if (request.kind !== 'drive') files.push(await fileOutput(request, plan, context));
  }
  await checkRoom(files);
  const [driveRequest, ...more] = requests.filter((request) => request.kind === 'drive');
  if (more.length > 0) throw builderError('usage-one-drive', {});
  if (driveRequest !== undefined) {
    await runYielding(checkDriveSize(driveRequest.identity, plan), context.signal);
    // A stick is erased only when everything that goes on it is known to be right.
    await checkPlanContents(plan, context, proven);
  }
  const places = await placesOf([
    ...plan.inputs.map(({ path }) => path),
    // An empty folder that is to be filled may be where the drive is mounted.
    ...files.flatMap(({ request: { path } }) => [path, dirname(path)]),
  ]);
  const drive =
    driveRequest === undefined ? null : await openDrive(driveRequest, plan, places, context);
  const outputs: Output[] = files.map(({ output }) => output);
  if (drive !== null) outputs.push(drive.output);
  try {
    // Files first: where one cannot be made, the stick is still what it was.
    for (const { output } of files) await output.prepare();
    await withMeter('prepare', null, context, async () => {
      await drive?.output.prepare();
    });
    const { totalBytes, totalFiles } = plan.summary;
    // A stick is read back.
    const following = drive === null ? 0 : totalBytes;
    const totals = { bytes: totalBytes, files: totalFiles, following };
    // What goes onto a stick was proved a moment ago, and is proved again when it is read back.
    const hash = files.length > 0;
    await withMeter('write', totals, context, (onProgress) =>
      emit(plan, outputs, { ...context, hash, onProgress }),
    );
    await withMeter('flush', null, context, async () => {
      // All reach the disk before any gets its name, so that a cancel leaves all or none. And before the
      // stick is finished: they stay, whatever happens to that.
      for (const { output } of files) {
        context.signal.throwIfAborted();
        await output.finish();
      }
      await ending.commit(async () => {
        for (const { output, room } of files) if (room !== null) await output.commit();
      });
      await drive?.output.finish();
    });
    const fileResults = files.map(({ request, bytes }) => ({
      request,
      bytes,
      verified: false,
      ejected: false,
    }));
    const results: BuildResult['outputs'][number][] = fileResults;
    if (drive !== null) {
      // The verification starts threads of its own, and these hold tens of megabytes.
      await context.pool.close();
      results.push(await completeDrive(drive, plan, context, checkSignature, ending));
    }
    // What reads a stream goes on at its end: everything else is complete by then.
    for (const { output, room } of files)
      if (room === null) await ending.commit(() => output.commit());
    return results;
  } catch (error) {
    ending.fail(error);
    throw error;
  } finally {
    // One that cannot be closed must not keep the others open: the elevated writer above all.
    await Promise.allSettled(outputs.map((output) => output.close()));
  }
}

async function openDrive(
  request: DriveRequest,
  plan: Plan,
  places: Places,
  context: JobContext,
): Promise<DriveOutput> {
  if (context.openDrive === undefined)
    throw builderError('drive-not-found', { path: request.identity.path });
  // A job that was cancelled has settled, and a drive waits for those to end: this one for itself.
  context.signal.throwIfAborted();
  const target = await context.openDrive(request);
  try {
    await checkNotUnmounted(places, target.name);
    // The last moment at which an image that is gone costs nothing.
    await assertAllUnchanged(plan);
    const steps = filesystemLayout(plan, target.name, target.size);
    const layout = await runYielding(steps, context.signal);
    if (layout.commit === null) throw new Error('a filesystem has a commit block');
    return {
      request,
      target,
      output: new LayoutOutput(layout, target),
      commitBlock: layout.commit,
    };
  } catch (error) {
    await target.close();
    throw error;
  }
}

/** Reads everything back, and only then makes the stick recognisable. */
async function completeDrive(
  { request, target, output, commitBlock }: DriveOutput,
  plan: Plan,
  context: JobContext,
  checkSignature: boolean,
  ending: Ending,
): Promise<BuildResult['outputs'][number]> {
  await verifyDrive(target, plan, commitBlock, context, checkSignature);
  let ejected = false;
  await ending.commit(async () => {
    await withMeter('commit', null, context, async () => {
      context.signal.throwIfAborted();
      await output.commit();
    });
    if (request.eject)
      await withMeter('eject', null, context, async () => {
        ejected = await target.eject();
      });
  });
  return { request, bytes: target.size, verified: true, ejected };
}

/** Runs one phase, telling its beginning, its progress and its end. */
async function withMeter(
  phase: Phase,
  totals: {
    readonly bytes: number;
    readonly files: number;
    /** Bytes of later phases, as in {@link Meter}. */
    readonly following?: number | null;
  } | null,
  { onProgress, timeLeft }: Pick<JobContext, 'onProgress' | 'timeLeft'>,
  work: (update: (bytes: number, files: number) => void) => Promise<unknown>,
): Promise<void> {
  const { bytes = null, files = null, following = 0 } = totals ?? {};
  const meter = new Meter(phase, { bytes, files }, onProgress, { timeLeft, following });
  await work((bytes, files) => meter.update(bytes, files));
  meter.finish();
}
