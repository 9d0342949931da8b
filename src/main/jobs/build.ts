import { builderError } from '../../shared/errors.ts';
import type { BuildRequest, BuildResult, OutputRequest } from '../../shared/model/job.ts';
import type { Phase } from '../../shared/model/progress.ts';
import { emit } from '../engine/emit/emit.ts';
import type { Output } from '../engine/emit/output.ts';
import type { Plan } from '../engine/plan/plan.ts';
import type { JobContext } from './context.ts';
import { inspectImages } from './inspect.ts';
import { Meter } from './meter.ts';
import { checkOutputsAbsent, fileOutput } from './outputs.ts';
import { planImages } from './plan.ts';

/**
 * Builds an offline OTA image and puts it into every output. Rejects with what any stage finds; then
 * no output is left, except those that were complete before the failure.
 */
export async function build(request: BuildRequest, context: JobContext): Promise<BuildResult> {
  const began = performance.now();
  await checkOutputsAbsent(request.outputs);
  const images = await inspectImages(
    {
      paths: request.images.map(({ path }) => path),
      caDir: request.caDir,
      checkSignature: request.checkSignature,
    },
    context,
  );
  const timestamp = request.timestamp ?? Math.floor(Date.now() / 1000);
  const plan = planImages(request.images, images, timestamp);
  const outputs = await writeOutputs(request.outputs, plan, context);
  return {
    summary: plan.summary,
    images: images.map(({ report }) => report),
    outputs,
    milliseconds: Math.round(performance.now() - began),
  };
}

/** Hashes every blob of the plan without writing anything. Rejects with `blob-corrupt`. */
export async function checkPlanContents(plan: Plan, context: JobContext): Promise<void> {
  await withMeter('check', plan, context, (onProgress) =>
    emit(plan, [], { signal: context.signal, onProgress }),
  );
}

async function writeOutputs(
  requests: readonly OutputRequest[],
  plan: Plan,
  context: JobContext,
): Promise<BuildResult['outputs']> {
  const made = requests.map((request) => {
    if (request.kind === 'drive')
      throw builderError('drive-not-found', { path: request.identity.path });
    return { request, ...fileOutput(request, plan) };
  });
  const outputs = made.map(({ output }) => output);
  try {
    await withMeter('prepare', null, context, async () => {
      for (const output of outputs) await output.prepare();
    });
    await withMeter('write', plan, context, (onProgress) =>
      emit(plan, outputs, { signal: context.signal, onProgress }),
    );
    await finishAll(outputs, context);
    return made.map(({ request, bytes }) => ({ request, bytes, verified: false, ejected: false }));
  } finally {
    for (const output of outputs) await output.close();
  }
}

async function finishAll(outputs: readonly Output[], context: JobContext): Promise<void> {
  await withMeter('flush', null, context, async () => {
    for (const output of outputs) await output.finish();
  });
  await withMeter('commit', null, context, async () => {
    for (const output of outputs) {
      context.signal.throwIfAborted();
      await output.commit();
    }
  });
}

/** Runs one phase, telling its beginning, its progress and its end. */
async function withMeter(
  phase: Phase,
  plan: Plan | null,
  { onProgress }: JobContext,
  work: (update: (bytes: number, files: number) => void) => Promise<void>,
): Promise<void> {
  const totals = {
    bytes: plan?.summary.totalBytes ?? null,
    files: plan?.summary.totalFiles ?? null,
  };
  const meter = new Meter(phase, totals, onProgress);
  await work((bytes, files) => meter.update(bytes, files));
  meter.finish();
}
