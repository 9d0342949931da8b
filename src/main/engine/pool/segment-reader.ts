import { closeSync, openSync, readSync } from '../../files/files.ts';
import { builderError } from '../../../shared/errors.ts';
import { toInputError } from '../fs-error.ts';
import type { HashRequest, HashSegment } from './worker-task.ts';

/** Read and hashed at once, so that the bytes are still in the processor's cache. */
const STEP_BYTES = 256 * 1024;

/** Smaller segments are read with their neighbours: a copy costs less than a call for each. */
const MIN_DIRECT_BYTES = 64 * 1024;

/** A gap up to this size is read along: cheaper than a second request. */
const MAX_GAP_BYTES = 16 * 1024;

/** Brings the bytes of segments into their window, for a thread that hashes them. */
export class SegmentReader {
  readonly #files = new Map<string, number>();
  readonly #scratch = new Uint8Array(STEP_BYTES);

  /**
   * Every segment with its bytes in the window, large ones in several parts; each is read when it is
   * its turn. Throws `input-changed` for a file that ends early, `input-unreadable`.
   */
  *read(request: HashRequest): Generator<readonly [bytes: Uint8Array, segment: HashSegment]> {
    const { window, segments } = request;
    const bytesOf = ({ start, length }: HashSegment) => new Uint8Array(window, start, length);
    for (let next = 0; next < segments.length;) {
      const segment = segments[next];
      if (segment?.source === undefined) {
        if (segment !== undefined) yield [bytesOf(segment), segment];
        next++;
      } else if (segment.length >= MIN_DIRECT_BYTES) {
        for (const part of parts(segment)) {
          const bytes = bytesOf(part);
          this.#fill(request, part, bytes);
          yield [bytes, part];
        }
        next++;
      } else {
        const end = this.#readNeighbours(request, segment, next);
        for (const near of segments.slice(next, end)) yield [bytesOf(near), near];
        next = end;
      }
    }
  }

  close(): void {
    for (const fd of this.#files.values()) closeSync(fd);
    this.#files.clear();
  }

  /** Reads segments that stand close together with one call; @returns the index behind them. */
  #readNeighbours(request: HashRequest, first: HashSegment, index: number): number {
    const { window, segments } = request;
    const begin = first.source?.offset ?? 0;
    let length = first.length;
    let end = index + 1;
    for (; end < segments.length; end++) {
      const { source, length: more } = segments[end] ?? first;
      if (source === undefined || source.input !== first.source?.input) break;
      const gap = source.offset - begin - length;
      if (gap < 0 || gap > MAX_GAP_BYTES || source.offset + more - begin > STEP_BYTES) break;
      length = source.offset + more - begin;
    }
    this.#fill(request, first, this.#scratch.subarray(0, length));
    for (const { start, source, length: bytes } of segments.slice(index, end)) {
      const at = (source?.offset ?? 0) - begin;
      new Uint8Array(window, start, bytes).set(this.#scratch.subarray(at, at + bytes));
    }
    return end;
  }

  #fill({ inputs }: HashRequest, { source }: HashSegment, into: Uint8Array): void {
    const path = inputs[source?.input ?? 0] ?? '';
    const offset = source?.offset ?? 0;
    try {
      const fd = this.#open(path);
      for (let done = 0; done < into.length;) {
        const read = readSync(fd, into, done, into.length - done, offset + done);
        if (read === 0) throw builderError('input-changed', { file: path });
        done += read;
      }
    } catch (error) {
      throw toInputError(path, error);
    }
  }

  #open(path: string): number {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const fd = openSync(path, 'r');
    this.#files.set(path, fd);
    return fd;
  }
}

function* parts(segment: HashSegment): Generator<HashSegment> {
  const { start, length, first, last, source } = segment;
  for (let done = 0; done < length; done += STEP_BYTES) {
    const size = Math.min(STEP_BYTES, length - done);
    yield {
      ...segment,
      start: start + done,
      length: size,
      first: first && done === 0,
      last: last && done + size === length,
      source: source && { ...source, offset: source.offset + done },
    };
  }
}
