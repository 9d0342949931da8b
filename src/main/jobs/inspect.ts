import { stat } from 'node:fs/promises';
import { inspect } from '../engine/inspect/inspect.ts';
import type { InspectedImage } from '../engine/inspect/inspected-image.ts';
import type { JobContext } from './context.ts';
import { Meter } from './meter.ts';

export interface InspectRequest {
  /** Absolute paths; the same one may come twice and is read once. */
  readonly paths: readonly string[];
  readonly caDir: string | null;
  readonly checkSignature: boolean;
}

/** Decompression takes a core, so two at once keep the smallest machine busy. */
const AT_ONCE = 2;

/** Inspects images, two at a time; results in the order asked for. The first failure ends all. */
export async function inspectImages(
  { paths, caDir, checkSignature }: InspectRequest,
  { signal, onProgress }: Pick<JobContext, 'signal' | 'onProgress'>,
): Promise<InspectedImage[]> {
  const unique = [...new Set(paths)];
  const sizes = await Promise.all(unique.map(sizeOf));
  const meter = new Meter('inspect', { bytes: sum(sizes), files: unique.length }, onProgress);
  const done = unique.map(() => 0);
  const results: InspectedImage[] = [];
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  let finished = 0;
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < unique.length; i = next++) {
      const path = unique[i] ?? '';
      results[i] = await inspect(path, {
        caDir,
        checkSignature,
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
