import type { BuildRequest } from '../../shared/model/job.ts';
import type { ImageReport } from '../../shared/model/image-report.ts';
import { wallClockSeconds } from '../../shared/wall-clock.ts';
import { emit } from '../engine/emit/emit.ts';
import type { Plan } from '../engine/plan/plan.ts';
import type { HashPool } from '../engine/pool/hash-pool.ts';
import { yieldToEventLoop } from '../engine/event-loop.ts';
import type { JobContext, KnownImage } from './context.ts';
import { inspectImages } from './inspect.ts';
import { Meter } from './meter.ts';
import { planImages } from './plan.ts';

/** A function of its own, so that the inspected images are given back before anything is written. */
export async function inspectAndPlan(
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
export async function proveContents(
  plan: Plan,
  context: Pick<JobContext, 'signal' | 'onProgress' | 'timeLeft'> & { readonly pool?: HashPool },
  proven: ReadonlySet<string> = new Set(),
): Promise<void> {
  const files = plan.files.filter(
    ({ source }) => source.kind === 'member' && !proven.has(plan.inputs[source.input]?.path ?? ''),
  );
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const { onProgress, timeLeft } = context;
  // What is written afterwards has its own speed.
  const following = timeLeft === undefined ? 0 : null;
  const totals = { bytes, files: files.length };
  const meter = new Meter('check', totals, onProgress, { timeLeft, following });
  await emit({ ...plan, files }, [], {
    ...context,
    onProgress: (doneBytes, doneFiles) => meter.update(doneBytes, doneFiles),
  });
  meter.finish();
}
