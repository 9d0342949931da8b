import { stat } from 'node:fs/promises';
import { fingerprint, sameFingerprint } from '../engine/archive/fingerprint.ts';
import { inspect } from '../engine/inspect/inspect.ts';
import type { InspectedImage } from '../engine/inspect/inspected-image.ts';
import type { JobContext, KnownImage } from './context.ts';
import { Meter } from './meter.ts';

export interface InspectRequest {
  /** Absolute paths; the same one may come twice and is read once. */
  readonly paths: readonly string[];
  readonly caDir: string | null;
  readonly checkSignature: boolean;
}

/**
 * Those whose files are still what they were. Never a folder: its time tells nothing of the files
 * that are deeper in it.
 */
export async function stillKnown(known: readonly KnownImage[]): Promise<KnownImage[]> {
  const same = await Promise.all(
    known.map(async ({ image: { report } }) =>
      report.container === 'folder'
        ? false
        : fingerprint(report.path).then(
            (now) => sameFingerprint(now, report.fingerprint),
            () => false,
          ),
    ),
  );
  return known.filter((_, i) => same[i]);
}

/** Decompression takes a core, so two at once keep the smallest machine busy. */
const AT_ONCE = 2;

/**
 * Inspects images, two at a time; results in the order asked for. The first failure ends all.
 * @param known taken as they are instead.
 */
export async function inspectImages(
  { paths, caDir, checkSignature }: InspectRequest,
  { signal, onProgress }: Pick<JobContext, 'signal' | 'onProgress'>,
  known: readonly KnownImage[] = [],
): Promise<InspectedImage[]> {
  const found = new Map(known.map(({ image }) => [image.report.path, image]));
  const unique = [...new Set(paths)].filter((path) => !found.has(path));
  const sizes = await Promise.all(unique.map(sizeOf));
  const meter = new Meter('inspect', { bytes: sum(sizes), files: unique.length }, onProgress);
  const done = unique.map(() => 0);
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  let finished = 0;
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < unique.length; i = next++) {
      const path = unique[i] ?? '';
      const image = await inspect(path, {
        caDir,
        checkSignature,
        signal: either,
        onProgress(bytes) {
          done[i] = bytes;
          meter.update(sum(done), finished);
        },
      });
      found.set(path, image);
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
    const result = found.get(path);
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
