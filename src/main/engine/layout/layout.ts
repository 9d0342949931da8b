import type { CommitBlock } from '../content/commit-block.ts';

/**
 * A run of bytes with its place in the output. Pieces come in strictly ascending, non-overlapping
 * order of offsets; what lies between two pieces is left untouched (a hole in a file, old blocks of
 * a device). Offsets and lengths are bytes and need no alignment.
 */
export type Piece =
  | { readonly kind: 'bytes'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'zeros'; readonly offset: number; readonly length: number }
  | {
      readonly kind: 'file';
      readonly offset: number;
      readonly length: number;
      /** Index into the plan's files. Pieces of one file follow each other in ascending `from`. */
      readonly fileIndex: number;
      /** Offset within the file of this piece's first byte. */
      readonly from: number;
    };

/** Files that the target holds from before, and that stay where they are. */
export interface KeptFiles {
  readonly count: number;
  /** Sum of their sizes. */
  readonly bytes: number;
  has(fileIndex: number): boolean;
  fileIndexes(): Iterable<number>;
  /** Where the bytes of one are: pieces of kind `file`, which ascend in `from`, but not in their offset. */
  placesOf(fileIndex: number): readonly FilePiece[];
}

export type FilePiece = Extract<Piece, { readonly kind: 'file' }>;

export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** How blkid, udev and mount know a filesystem. */
export interface Signature {
  /** `TYPE` of blkid. */
  readonly type: string;
  readonly label: string;
}

/**
 * A pure function of the plan (and, for a filesystem, of the device size) that gives every byte of
 * one output its place. Files appear in the plan's order, each exactly once; empty and kept ones never appear.
 */
export interface Layout {
  /** Bytes that the output spans, from offset 0. */
  readonly size: number;
  /** Bytes that are written, at most; what the rest of `size` holds does not matter. */
  readonly bytesWritten: number;
  /**
   * Ranges that must be cleared before the first piece is written, so that what stood there before
   * is no longer recognised (superblocks, partition tables). Empty for a new file.
   */
  readonly wipe: readonly Range[];
  /** What must be found on the committed output; null where it is no filesystem. */
  readonly signature: Signature | null;
  /** Files that are there already. Absent: none. */
  readonly kept?: KeptFiles;
  /** May be called several times; each call starts anew. Lazily made: memory stays bounded. */
  pieces(): Iterable<Piece>;
  /**
   * The same pieces in two sequences, each ascending, that may be written side by side where the
   * target takes any order: what depends on no file's bytes, and what is written file by file. They
   * share no block. null where they cannot be separated (tar).
   */
  readonly independent: { metadata(): Iterable<Piece>; files(): Iterable<Piece> } | null;
  /**
   * The piece that makes the output recognisable; written last, after everything else is durable and
   * verified. Of a tar its end-of-archive mark.
   * null where the final name alone does that.
   */
  readonly commit: CommitBlock | null;
}
