import type { FilledWindow, SegmentSource } from '../content/segments.ts';

/**
 * One finished thing being made: an archive, an image file, a stick, a folder. It gets the plan's
 * files in order and places their bytes.
 *
 * Life: `prepare` → `accept`* → `finish` → `commit` → `close`. `close` without a completed `commit`
 * leaves nothing that looks like a result. It may come at any time, and ends an `accept` that waits.
 */
export interface Output {
  /** What a person calls it. */
  readonly name: string;
  /** Bytes accepted and not yet handed to the operating system or device. */
  readonly pending: number;
  /** Files of the plan that it has already, and that are not to be given to it. Absent: none. */
  readonly keeps?: ((fileIndex: number) => boolean) | undefined;
  prepare(): Promise<void>;
  /**
   * Bytes of file `file` of the plan from its offset `from`; the memory may be reused afterwards. Waits while
   * the output is too far behind. Rejects when it has failed, then or earlier.
   */
  accept(fileIndex: number, from: number, bytes: Uint8Array): Promise<void>;
  /**
   * Offered by an output that has memory of its own, where contents can be read without being copied. Takes
   * the place of `accept`, for all files: gives windows of that memory, in the plan's order, whose segments
   * say from where they are to be filled. `release` says that a window is filled and that nothing else needs
   * it; then it is written.
   * @param onFailure called once when a write fails. The windows go on, unwritten: other outputs may be
   * copying from them.
   */
  lend?(contents: ContentSources, onFailure: (error: unknown) => void): AsyncIterable<FilledWindow>;
  /** All files were accepted: completes what is left and makes everything durable. */
  finish(): Promise<void>;
  /** Makes it recognisable. */
  commit(): Promise<void>;
  close(): Promise<void>;
}

/** Where the contents of all files of a plan are to be read from. */
export interface ContentSources {
  /** Absolute paths of the inputs that sources count, as in {@link FilledWindow}. */
  readonly inputs: readonly string[];
  /** The bytes of a file from its offset `from` on: all of them, or the place of as many as stand in a row. */
  readonly of: (fileIndex: number, from: number) => StoredBytes | Uint8Array;
}

/** A run of bytes in an input. */
export interface StoredBytes extends SegmentSource {
  readonly length: number;
}
