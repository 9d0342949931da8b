import type { FillingReader } from '../content/random-reader.ts';
import { newRingMemory, WINDOW_BYTES, WindowRing } from '../pool/window.ts';
import type { Extent, FilledWindow, Segment } from '../content/segments.ts';
import { readAhead } from './read-ahead.ts';

/** A gap up to this size is read along: cheaper than a second request, on sticks above all. */
const GAP_BYTES = 64 * 1024;

/** How many reads are under way at once, so that the consumer never waits for the disk alone. */
const READS_AHEAD = 3;

interface Run {
  readonly offset: number;
  length: number;
  readonly segments: Segment[];
}

/**
 * Reads extents with few large requests. Extents may come in any order; ascending is fastest.
 * Windows come in the order of the extents.
 */
export async function* readPositioned(
  reader: FillingReader,
  extents: Iterable<Extent>,
  signal?: AbortSignal,
): AsyncGenerator<FilledWindow> {
  const ring = new WindowRing(newRingMemory());
  const load = async (run: Run): Promise<FilledWindow> => {
    const index = await ring.take();
    const memory = ring.window(index);
    await reader.fill(run.offset, new Uint8Array(memory, 0, run.length));
    return { memory, segments: run.segments, release: () => ring.release(index) };
  };
  yield* readAhead(toRuns(extents), load, READS_AHEAD, signal);
}

/** Cuts extents into window-sized runs of neighbouring bytes. */
function* toRuns(extents: Iterable<Extent>): Generator<Run> {
  let run: Run | null = null;
  for (const extent of extents) {
    for (let done = 0; done < extent.length;) {
      const offset = extent.offset + done;
      const start: number = run === null ? 0 : offset - run.offset;
      const fits =
        run !== null &&
        start >= run.length &&
        start - run.length <= GAP_BYTES &&
        start < WINDOW_BYTES;
      if (run !== null && !fits) {
        yield run;
        run = null;
      }
      run ??= { offset, length: 0, segments: [] };
      const at = offset - run.offset;
      const length = Math.min(extent.length - done, WINDOW_BYTES - at);
      run.segments.push({
        fileIndex: extent.fileIndex,
        from: extent.from + done,
        start: at,
        length,
      });
      run.length = at + length;
      done += length;
    }
  }
  if (run !== null) yield run;
}
