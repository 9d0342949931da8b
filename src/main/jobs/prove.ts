import type { BuildRequest } from '../../shared/model/job.ts';
import type { ImageReport } from '../../shared/model/image-report.ts';
import { wallClockSeconds } from '../../shared/wall-clock.ts';
import { emit } from '../engine/emit/emit.ts';
import type { InspectedInput } from '../engine/inspect/inspected-image.ts';
import type { PlannedFile } from '../engine/plan/build-plan.ts';
import type { Plan } from '../engine/plan/plan.ts';
import { proveByDigests, ProvenContents } from '../engine/plan/proven-contents.ts';
import type { HashPool } from '../engine/pool/hash-pool.ts';
import { runYielding, yieldToEventLoop } from '../engine/event-loop.ts';
import type { JobContext, KnownImage } from './context.ts';
import { inspectImages } from './inspect.ts';
import { ProgressReporter } from './progress-reporter.ts';
import { planImages } from './plan.ts';

/** What was planned of inspected images, and what is known of their contents. */
export interface InspectedPlan {
  readonly plan: Plan;
  readonly reports: readonly ImageReport[];
  /** Contents that were found right while the images were inspected, or before. */
  readonly proven: ProvenContents;
  /** Files of the plan whose contents are still to be proved. */
  readonly unproven: readonly PlannedFile[];
}

/**
 * A function of its own, so that the inspected images are given back before anything is written.
 * @param context with threads: contents are hashed where an image has to be decoded anyway.
 */
export async function inspectAndPlan(
  request: BuildRequest,
  context: JobContext & { readonly pool: HashPool | undefined },
  known: readonly KnownImage[],
): Promise<InspectedPlan> {
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
  const plan = await planImages(request.images, images, timestamp, context.signal);
  const proven = new ProvenContents();
  const provenPaths = new Set<string>();
  for (const { image, proven: before } of known) {
    if (before === null) continue;
    proven.addAll(before);
    provenPaths.add(image.report.path);
  }
  const left = await proveInspected(plan, images, proven, context.signal);
  const isProven = ({ source }: PlannedFile): boolean =>
    source.kind === 'member' && provenPaths.has(plan.inputs[source.input]?.path ?? '');
  return {
    plan,
    reports: images.map(({ report }) => report),
    proven,
    unproven: left.filter((file) => !isProven(file)),
  };
}

/**
 * Compares a plan with what its images were found to hold while they were inspected.
 * @param proven gets what is right. @returns files whose contents are still to be proved.
 */
export function proveInspected(
  plan: Plan,
  images: readonly InspectedInput[],
  proven: ProvenContents,
  signal: AbortSignal,
): Promise<PlannedFile[]> {
  const digests = plan.inputs.map(
    ({ path }) => images.find(({ report }) => report.path === path)?.digests ?? null,
  );
  return runYielding(proveByDigests(plan, digests, proven), signal);
}

/**
 * Hashes files of the plan without writing anything. Rejects with `blob-corrupt`.
 * @param proven gets what is right.
 */
export async function proveContents(
  plan: Plan,
  files: readonly PlannedFile[],
  proven: ProvenContents,
  context: Pick<JobContext, 'signal' | 'onProgress' | 'timeLeft'> & { readonly pool?: HashPool },
): Promise<void> {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const { onProgress, timeLeft } = context;
  // What is written afterwards has its own speed.
  const following = timeLeft === undefined ? 0 : null;
  const totals = { bytes, files: files.length };
  const meter = new ProgressReporter('check', totals, onProgress, { timeLeft, following });
  await emit({ ...plan, files }, [], {
    ...context,
    onProgress: (doneBytes, doneFiles) => meter.update(doneBytes, doneFiles),
    onDigest: ({ fileIndex, stored }) => {
      const file = files[fileIndex];
      if (file !== undefined) proven.add(file, stored);
    },
  });
  meter.finish();
}
