import type { CheckReport } from '../../shared/model/job.ts';
import type { HashPool } from '../engine/pool/hash-pool.ts';
import { openFinishedExt4 } from '../engine/finished/open-ext4.ts';
import { openFinished } from '../engine/finished/open-finished.ts';
import type { ProvenContents } from '../engine/plan/proven-contents.ts';
import { verify } from '../engine/verify/verify.ts';
import type { FinishedImage } from '../engine/finished/finished-image.ts';
import type { JobContext } from './context.ts';
import { blockReader, type BlockReader } from './drive-reader.ts';
import { ProgressReporter } from './progress-reporter.ts';
import { settleEarly } from './settle-early.ts';

/** Checks a finished output. @param path absolute path of a tar file, image file or folder. */
export function checkTarget(
  path: string,
  context: Pick<JobContext, 'signal' | 'onProgress' | 'onCleanup'>,
): Promise<CheckReport> {
  return settleEarly(context, (own) => checkPath(path, own));
}

/** As {@link checkTarget}, within a job that settles early itself. */
export async function checkPath(
  path: string,
  context: Pick<JobContext, 'signal' | 'onProgress'>,
): Promise<CheckReport> {
  return checkFinished(await openFinished(path, context.signal), context);
}

/** Checks a drive that is open for reading; closing it is the caller's. */
export async function checkDrive(
  drive: BlockReader & { readonly name: string },
  context: Pick<JobContext, 'signal' | 'onProgress'>,
): Promise<CheckReport> {
  const output = await openFinishedExt4(drive.name, 'drive', blockReader(drive, null));
  return checkFinished(output, context);
}

export interface CheckContext extends Pick<JobContext, 'signal' | 'onProgress' | 'timeLeft'> {
  /** false: skips signatures, for an image built without. Default: true. */
  readonly checkSignature?: boolean;
  /** Threads that run already; by default some are started and ended. */
  readonly pool?: HashPool;
  /** Contents that were proved before; by default each is proved by its name. */
  readonly proven?: ProvenContents;
}

/** Checks what is already open, and closes it. */
export async function checkFinished(
  output: FinishedImage,
  { signal, onProgress, timeLeft, checkSignature, pool, proven }: CheckContext,
): Promise<CheckReport> {
  let meter: ProgressReporter | null = null;
  try {
    const report = await verify(output, {
      signal,
      checkSignature,
      pool,
      digestOf: proven && ((path, digest) => proven.digestOf(path, digest)),
      onTotal: (bytes, files) =>
        (meter = new ProgressReporter('verify', { bytes, files }, onProgress, { timeLeft })),
      onProgress: (bytes, files) => meter?.update(bytes, files),
    });
    (meter as ProgressReporter | null)?.finish();
    return report;
  } finally {
    await output.close();
  }
}
