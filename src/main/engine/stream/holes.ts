import { newRingMemory, WINDOW_BYTES, WindowRing } from '../pool/window.ts';
import type { FilledWindow, Segment } from '../content/segments.ts';

/** A run of zeros that no input holds. */
interface Hole {
  readonly fileIndex: number;
  readonly from: number;
  readonly length: number;
  /** Bytes of all data before it. */
  readonly after: number;
}

/**
 * Holes of sparse members, put down while their data is asked for and taken where that data comes. A
 * source asks for extents before it delivers them, so the holes before them are always here in time.
 */
export class HoleQueue {
  readonly #holes: Hole[] = [];
  #data = 0;

  passData(bytes: number): void {
    this.#data += bytes;
  }

  /** Puts nothing down where `length` is 0. */
  add(fileIndex: number, from: number, length: number): void {
    if (length > 0) this.#holes.push({ fileIndex, from, length, after: this.#data });
  }

  /** The next hole, where it belongs right behind the first `data` bytes. */
  take(data: number): Hole | null {
    return this.#holes[0]?.after === data ? (this.#holes.shift() ?? null) : null;
  }

  /** Data before the next hole; Infinity where none is known. */
  get next(): number {
    return this.#holes[0]?.after ?? Number.POSITIVE_INFINITY;
  }
}

/** The windows of a source, with zeros between their segments where its members have holes. */
export async function* withHoles(
  windows: AsyncIterable<FilledWindow>,
  holes: HoleQueue,
  signal?: AbortSignal,
): AsyncGenerator<FilledWindow> {
  let data = 0;
  let zeros: WindowRing | null = null;
  const fill = () => zeroWindows((zeros ??= new WindowRing(newRingMemory())), holes, data, signal);
  for await (const window of windows) {
    const bytes = window.segments.reduce((sum, { length }) => sum + length, 0);
    // Nearly always.
    if (holes.next >= data + bytes) {
      yield window;
      data += bytes;
      continue;
    }
    let parts = 1;
    const release = () => {
      if (--parts === 0) window.release();
    };
    let segments: Segment[] = [];
    for (const segment of window.segments) {
      if (holes.next === data) {
        if (segments.length > 0) {
          parts++;
          yield { ...window, segments, release };
          segments = [];
        }
        yield* fill();
      }
      segments.push(segment);
      data += segment.length;
    }
    yield { ...window, segments, release };
  }
  if (holes.next === data) yield* fill();
}

/** All holes that belong behind the first `data` bytes, from memory that nothing ever writes to. */
async function* zeroWindows(
  ring: WindowRing,
  holes: HoleQueue,
  data: number,
  signal?: AbortSignal,
): AsyncGenerator<FilledWindow> {
  for (let hole = holes.take(data); hole !== null; hole = holes.take(data)) {
    const { fileIndex, from, length } = hole;
    for (let done = 0; done < length; done += WINDOW_BYTES) {
      signal?.throwIfAborted();
      const index = await ring.take();
      const part = Math.min(WINDOW_BYTES, length - done);
      yield {
        memory: ring.window(index),
        segments: [{ fileIndex, from: from + done, start: 0, length: part }],
        release: () => ring.release(index),
      };
    }
  }
}
