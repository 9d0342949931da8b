import type { BuildRequest, BuildResult } from '../../shared/model/job.ts';
import { HashPool } from '../engine/pool/hash-pool.ts';
import { yieldToEventLoop } from '../engine/event-loop.ts';
import { boundGarbage, collectGarbage } from './collect-garbage.ts';
import type { JobContext } from './context.ts';
import { stillKnown } from './inspect.ts';
import { assertDrivesDiffer, drivesOf, fillOutputs } from './lanes.ts';
import { assertOutputPlaces } from './output-places.ts';
import { removeAbandonedBeside } from './outputs.ts';
import { inspectAndPlan } from './prove.ts';
import { settleEarly, type JobOutcome } from './settle-early.ts';
import { TimeLeft } from './time-left.ts';

/**
 * Builds an offline OTA image and puts it into every output. Resolves with the outcome of each; of several
 * drives some may have failed. Rejects with what any stage finds; then no output is left, except a file or
 * drive that was complete before the failure. {@link settleEarly} says when, and what goes on after that.
 */
export function build(request: BuildRequest, context: JobContext): Promise<BuildResult> {
  const timeLeft = new TimeLeft();
  return settleEarly({ ...context, timeLeft }, (own, ending) => buildOutputs(request, own, ending));
}

async function buildOutputs(
  request: BuildRequest,
  context: JobContext,
  ending: JobOutcome,
): Promise<BuildResult> {
  const began = performance.now();
  boundGarbage();
  assertDrivesDiffer(drivesOf(request.outputs).map((drive) => drive.request.identity));
  await removeAbandonedBeside(request.outputs, context.signal);
  const images = request.images.map(({ path }) => path);
  await assertOutputPlaces(request.outputs, images, context.signal);
  const known = await stillKnown(context.known ?? []);
  // Threads take a while to start; meanwhile the images are inspected.
  const pool = new HashPool();
  try {
    // A file is proved while it is written, and hashes nothing twice.
    const early = request.outputs.some(({ kind }) => kind === 'drive') ? pool : undefined;
    const inspected = await inspectAndPlan(request, { ...context, pool: early }, known);
    const { plan, reports, proven, unproven } = inspected;
    collectGarbage();
    await yieldToEventLoop(context.signal);
    const job = { plan, proven, checkSignature: request.checkSignature, pool, ending };
    return {
      summary: plan.summary,
      signatures: plan.signatures,
      images: reports,
      outcomes: await fillOutputs(request.outputs, job, context, unproven),
      milliseconds: Math.round(performance.now() - began),
    };
  } finally {
    await pool.close();
  }
}
