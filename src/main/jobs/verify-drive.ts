import { builderError } from '../../shared/errors.ts';
import type { Target } from '../engine/target/target.ts';
import { openFinishedExt4 } from '../engine/finished/open-ext4.ts';
import type { Plan } from '../engine/plan/plan.ts';
import { Pace, yieldToEventLoop } from '../engine/event-loop.ts';
import type { FinishedImage } from '../engine/finished/finished-image.ts';
import { checkFinished, type CheckContext } from './check.ts';
import { blockReader } from './drive-reader.ts';

/**
 * Reads back what was written and proves all of it, with the held-back block laid over from memory: that
 * it is what was planned, and that it proves itself without the plan.
 * @throws `verify-failed` with the first fault.
 */
export async function verifyDrive(
  target: Target,
  plan: Plan,
  commitBlock: { readonly offset: number; readonly bytes: Uint8Array },
  context: CheckContext,
): Promise<void> {
  const reader = blockReader(target, commitBlock);
  const output = await openFinishedExt4(target.name, 'drive', reader);
  const different = await firstDifference(output, plan, context.signal);
  if (different !== null)
    throw builderError('verify-failed', { target: target.name, faults: 1, first: different });
  const report = await checkFinished(output, context);
  if (report.complete) return;
  const { faultCount: faults, faults: kept } = report;
  throw builderError('verify-failed', { target: target.name, faults, first: kept[0]?.path ?? '' });
}

/**
 * Path of a file that is not as planned: another size, or other bytes where no hash proves them. Nothing
 * on a stick vouches for its manifest, so one wrong letter of an ECU id would look right.
 */
async function firstDifference(
  output: FinishedImage,
  plan: Plan,
  signal: AbortSignal,
): Promise<string | null> {
  const pace = new Pace();
  for (const { path, size, source } of plan.files) {
    if (pace.isDue) await yieldToEventLoop(signal);
    if (output.files.get(path) !== size) return path;
    if (source.kind !== 'bytes') continue;
    const bytes = (await output.readMany([path], size)).get(path);
    if (bytes === undefined || Buffer.compare(bytes, source.bytes) !== 0) return path;
  }
  return null;
}
