import { builderError } from '../../shared/errors.ts';
import type { CheckReport } from '../../shared/model/job.ts';
import { checkFinished, returnMemory, settleEarly, type JobContext } from '../jobs/index.ts';
import { openServed } from './open-served.ts';
import type { ServedImage } from './served-image.ts';

/** An image that was verified. */
export interface ProvedImage {
  readonly served: ServedImage;
  close(): Promise<void>;
}

/**
 * Opens a finished image and verifies every byte of it, since clients and caches trust what they are given.
 * @param onReport called with what was found, also where that is not complete.
 * @throws `verify-failed`, and what opening it finds.
 */
export async function proveImage(
  path: string,
  context: JobContext,
  onReport: (report: CheckReport) => void = () => undefined,
): Promise<ProvedImage> {
  const image = await openServed(path, context.signal);
  try {
    const report = await settleEarly(context, (own) => checkFinished(image.image, own));
    onReport(report);
    const { target, complete, faultCount: faults, faults: kept } = report;
    if (!complete)
      throw builderError('verify-failed', { target, faults, first: kept[0]?.path ?? '' });
    const served = await image.serve(context.signal);
    // A server runs for hours, and verifying took more than twice of what it needs.
    returnMemory();
    return { served, close: () => image.close() };
  } catch (error) {
    await image.close();
    throw error;
  }
}
