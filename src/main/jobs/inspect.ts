import { stat } from '../files/files.ts';
import { BuilderError, type ErrorCode } from '../../shared/errors.ts';
import type { ImageReport } from '../../shared/model/image-report.ts';
import { wallClock } from '../../shared/wall-clock.ts';
import { fingerprint, sameFingerprint } from '../engine/archive/fingerprint.ts';
import { inspect } from '../engine/inspect/inspect.ts';
import type { InspectedInput, InspectOptions } from '../engine/inspect/inspected-image.ts';
import { inspectFinished } from '../engine/verify/inspect-finished.ts';
import type { HashPool } from '../engine/pool/hash-pool.ts';
import type { JobContext, KnownImage } from './context.ts';
import { ProgressReporter } from './progress-reporter.ts';

export interface InspectRequest {
  /** Absolute paths; the same one may come twice and is read once. */
  readonly paths: readonly string[];
  readonly caDir: string | null;
  readonly checkSignature: boolean;
}

/** Decompression takes a core, so two at once keep the smallest machine busy. */
const AT_ONCE = 2;

type InspectContext = Pick<JobContext, 'signal' | 'onProgress' | 'timeLeft'> & {
  /** Threads for contents, as in {@link InspectOptions}. */
  readonly pool?: HashPool | undefined;
};

/**
 * Inspects images, two at a time; results in the order asked for. The first failure ends all.
 * @param known taken as they are instead.
 */
export async function inspectImages(
  request: InspectRequest,
  context: InspectContext,
  known: readonly KnownImage[] = [],
): Promise<InspectedInput[]> {
  const images = new Map(known.map(({ image }) => [image.report.path, image]));
  const paths = request.paths.filter((path) => !images.has(path));
  const inspected = await inspectEach({ ...request, paths }, context, inspectInput);
  inspected.forEach((image) => images.set(image.report.path, image));
  return request.paths.map((path) => {
    const image = images.get(path);
    if (image === undefined) throw new Error(`${path} was not inspected`);
    return image;
  });
}

/**
 * Those whose files are still what they were, and whose certificates are still valid. Never a folder: its time tells nothing of the files
 * that are deeper in it.
 */
export async function stillKnown(known: readonly KnownImage[]): Promise<KnownImage[]> {
  const same = await Promise.all(
    known.map(async ({ image: { report } }) =>
      report.container === 'folder' || isExpired(report)
        ? false
        : fingerprint(report.path).then(
            (now) => sameFingerprint(now, report.fingerprint),
            () => false,
          ),
    ),
  );
  return known.filter((_, i) => same[i]);
}

function isExpired({ signature: { validTo } }: ImageReport): boolean {
  return validTo !== null && new Date(validTo) <= wallClock();
}

/** As {@link inspectImages}, for what is only to be reported. */
export function inspectPaths(
  request: InspectRequest,
  context: InspectContext,
): Promise<ImageReport[]> {
  return inspectEach(
    request,
    context,
    async (path, options) => (await inspectInput(path, options)).report,
  );
}

/** An OTA image, or a finished offline OTA image: the content tells which. */
async function inspectInput(path: string, options: InspectOptions): Promise<InspectedInput> {
  try {
    return await inspect(path, options);
  } catch (error) {
    if (!isOneOf(error, NO_OTA_IMAGE)) throw error;
    try {
      return await inspectFinished(path, options);
    } catch (another) {
      // It is neither: then what was chosen should have been an OTA image.
      throw isOneOf(another, NO_FINISHED_IMAGE) ? error : another;
    }
  }
}

const NO_OTA_IMAGE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'not-an-archive',
  'archive-kind-unsupported',
  'not-an-image',
]);

const NO_FINISHED_IMAGE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'verify-not-an-image',
  'verify-ota-image',
  'verify-incomplete',
]);

function isOneOf(error: unknown, codes: ReadonlySet<ErrorCode>): boolean {
  return error instanceof BuilderError && codes.has(error.code);
}

/** One of several looks at once; each path once, results in the order asked for. */
async function inspectEach<Result>(
  { paths, caDir, checkSignature }: InspectRequest,
  { signal, onProgress, timeLeft, pool }: InspectContext,
  inspectOne: (path: string, options: InspectOptions) => Promise<Result>,
): Promise<Result[]> {
  const unique = [...new Set(paths)];
  const sizes = await Promise.all(unique.map(sizeOf));
  const totals = { bytes: sum(sizes), files: unique.length };
  // How fast an image is read tells nothing of how fast a stick is written.
  const following = timeLeft === undefined ? 0 : null;
  const meter = new ProgressReporter('inspect', totals, onProgress, { timeLeft, following });
  const done = unique.map(() => 0);
  const results: Result[] = [];
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  let finished = 0;
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < unique.length; i = next++) {
      const path = unique[i] ?? '';
      results[i] = await inspectOne(path, {
        caDir,
        checkSignature,
        pool,
        signal: either,
        onProgress(bytes) {
          done[i] = bytes;
          meter.update(sum(done), finished);
        },
      });
      done[i] = sizes[i] ?? 0;
      meter.update(sum(done), ++finished);
    }
  };
  const workers = Array.from({ length: Math.min(AT_ONCE, unique.length) }, work);
  try {
    await Promise.all(workers);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(workers);
    throw error;
  }
  meter.finish();
  return paths.map((path) => {
    const result = results[unique.indexOf(path)];
    if (result === undefined) throw new Error(`${path} was not inspected`);
    return result;
  });
}

/** 0 for what is missing: inspection says so in its own words. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (stats) => (stats.isFile() ? stats.size : 0),
    () => 0,
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
