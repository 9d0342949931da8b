import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { Layout, Piece } from '../../../src/main/engine/layout/layout.ts';

/** A write as a target sees it. */
export interface Write {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Byte `at` of file `file` of every test filesystem: cheap, and different at every place. */
export const contentByte = (fileIndex: number, at: number): number =>
  (at * 7 + (at >>> 8) * 13 + (at >>> 16) * 5 + fileIndex * 31 + (fileIndex >>> 8) * 3) & 0xff;

export function fillContent(fileIndex: number, from: number, bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) bytes[i] = contentByte(fileIndex, from + i);
}

const MAX_WRITE = 1024 * 1024;

function fill(piece: Piece, from: number, bytes: Uint8Array): void {
  if (piece.kind === 'bytes') bytes.set(piece.bytes.subarray(from, from + bytes.length));
  else if (piece.kind === 'file') fillContent(piece.fileIndex, piece.from + from, bytes);
  else bytes.fill(0);
}

const lengthOf = (piece: Piece): number =>
  piece.kind === 'bytes' ? piece.bytes.length : piece.length;

/**
 * The pieces as writes of up to 1 MiB, adjacent ones joined. The memory of a write is reused for the
 * next. Pieces for which `skip` says so become holes.
 */
export function* writesOf(
  layout: Layout,
  skip: (piece: Piece) => boolean = () => false,
): Generator<Write> {
  const buffer = new Uint8Array(MAX_WRITE);
  let start = 0;
  let used = 0;
  for (const piece of layout.pieces()) {
    if (skip(piece)) continue;
    if (piece.offset !== start + used && used > 0) {
      yield { offset: start, bytes: buffer.subarray(0, used) };
      used = 0;
    }
    if (used === 0) start = piece.offset;
    for (let done = 0; done < lengthOf(piece);) {
      const step = Math.min(MAX_WRITE - used, lengthOf(piece) - done);
      fill(piece, done, buffer.subarray(used, used + step));
      done += step;
      used += step;
      if (used === MAX_WRITE) {
        yield { offset: start, bytes: buffer };
        start += used;
        used = 0;
      }
    }
  }
  if (used > 0) yield { offset: start, bytes: buffer.subarray(0, used) };
}

export interface MaterialiseOptions {
  /** Writes the contents of the files; without, they are holes. Default true. */
  readonly content?: boolean;
  /** Writes block 0 as well. Default true. */
  readonly commit?: boolean;
}

/** Writes the layout into a new sparse file. */
export function materialise(layout: Layout, path: string, options: MaterialiseOptions = {}): void {
  const { content = true, commit = true } = options;
  const file = openSync(path, 'w+');
  try {
    ftruncateSync(file, layout.size);
    const hole = (piece: Piece): boolean =>
      (piece.kind === 'zeros' && piece.length > MAX_WRITE) || (piece.kind !== 'bytes' && !content);
    for (const { offset, bytes } of writesOf(layout, hole)) writeAll(file, offset, bytes);
    if (layout.commit !== null && commit) {
      writeAll(file, layout.commit.offset, layout.commit.bytes);
    }
  } finally {
    closeSync(file);
  }
}

export function writeAll(fd: number, offset: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(fd, bytes, done, bytes.length - done, offset + done);
  }
}
