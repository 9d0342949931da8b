import type { ContentDigest } from './digest.ts';

/**
 * A run of bytes of one file within an input. `file` is any number that identifies it to the
 * consumer; `from` is the run's offset within the file, `offset` its place in the (decoded) input.
 */
export interface Extent {
  readonly fileIndex: number;
  readonly from: number;
  readonly offset: number;
  readonly length: number;
}

/** A run of bytes of one file within a window. */
export interface Segment {
  readonly fileIndex: number;
  readonly from: number;
  /** Offset within the window. */
  readonly start: number;
  readonly length: number;
  /** Where the bytes are still to be read from, by the thread that hashes them. */
  readonly source?: SegmentSource;
}

/** Bytes of an input that is a file, from this offset on. */
export interface SegmentSource {
  /** Index into the window's inputs. */
  readonly input: number;
  readonly offset: number;
}

/** Shared memory with the bytes of some segments, in the order of the extents asked for. */
export interface FilledWindow {
  readonly memory: SharedArrayBuffer;
  readonly segments: readonly Segment[];
  /** Absolute paths of the inputs that segments are to be read from. */
  readonly inputs?: readonly string[];
  /** Gives the memory back; to be called exactly once. */
  release(): void;
}

/** A file whose content a source is to deliver and a consumer to check. */
export interface ContentFile {
  /** Bytes. */
  readonly size: number;
  readonly contentDigest: ContentDigest;
}
