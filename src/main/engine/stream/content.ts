import type { ContentProof } from '../plan/build-plan.ts';

/**
 * A run of bytes of one file within an input. `file` is any number that identifies it to the
 * consumer; `from` is the run's offset within the file, `offset` its place in the (decoded) input.
 */
export interface Extent {
  readonly file: number;
  readonly from: number;
  readonly offset: number;
  readonly length: number;
}

/** A run of bytes of one file within a window. */
export interface Segment {
  readonly file: number;
  readonly from: number;
  /** Offset within the window. */
  readonly start: number;
  readonly length: number;
}

/** Shared memory with the bytes of some segments, in the order of the extents asked for. */
export interface FilledWindow {
  readonly memory: SharedArrayBuffer;
  readonly segments: readonly Segment[];
  /** Gives the memory back; to be called exactly once. */
  release(): void;
}

/** A file whose content a source is to deliver and a consumer to check. */
export interface ContentFile {
  /** Bytes. */
  readonly size: number;
  readonly proof: ContentProof;
}
