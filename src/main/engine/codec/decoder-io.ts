import type { ImageContainer } from '../../../shared/model/image-report.ts';

/** Containers that are one compressed stream around a tar archive. */
export type CompressedContainer = Exclude<ImageContainer, 'folder' | 'tar' | 'zip' | 'img'>;

/**
 * Where a decoder puts its output: it fills the space given by `reserve` from its start and says with
 * `advance` how much. Space is at least one byte; `reserve` blocks the thread until there is room.
 */
export interface DecoderOutput {
  reserve(): Uint8Array;
  advance(length: number): void;
}

/** Sequential input of a decoder. */
export interface DecoderInput {
  /** For error messages. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes handed out so far. */
  readonly position: number;
  /** The next bytes, at most 1 MiB; empty at the end. The memory is reused by the next call. */
  next(): Uint8Array;
  /** `length` bytes (or fewer at the end) from `offset`, without moving the position. */
  peek(offset: number, length: number): Uint8Array;
}
