import { setImmediate } from 'node:timers/promises';
import type { Layout, Piece } from '../layout/layout.ts';
import type { FilledWindow, Segment } from '../content/segments.ts';
import type { WriteTarget } from '../target/target.ts';
import { ChunkWriter, type Reserved } from './chunk-writer.ts';
import type { ContentSources, Output } from './output.ts';

/** Memory for metadata that is made beside the files: it is gathered in one chunk while another is written. */
const METADATA_BYTES = 4 * 1024 * 1024;

/**
 * Writes a layout to a target, the layout's commit piece last: as one ascending stream, or, where that
 * is faster and the target allows it, metadata beside the files.
 */
export class LayoutOutput implements Output {
  readonly name: string;
  readonly keeps: Output['keeps'];
  readonly #layout: Layout;
  readonly #target: WriteTarget;
  readonly #writer: ChunkWriter;
  #pieces: Iterator<Piece> | null = null;
  #piece: Piece | null = null;
  /** Settles when all metadata that is made beside the files is written; never rejects. */
  #metadata: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(layout: Layout, target: WriteTarget) {
    this.name = target.name;
    const { kept } = layout;
    this.keeps = kept && ((fileIndex) => kept.has(fileIndex));
    this.#layout = layout;
    this.#target = target;
    this.#writer = new ChunkWriter(target);
  }

  get pending(): number {
    return this.#writer.pending + this.#target.pending;
  }

  async prepare(): Promise<void> {
    await this.#target.prepare(this.#layout.wipe, this.#layout.signature);
    const { independent: apart } = this.#layout;
    if (apart !== null && this.#target.randomWrites) {
      this.#pieces = apart.files()[Symbol.iterator]();
      this.#metadata = this.#writeMetadata(apart.metadata());
    } else this.#pieces = this.#layout.pieces()[Symbol.iterator]();
    this.#next();
  }

  async accept(fileIndex: number, from: number, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const piece = await this.#filePiece();
      const at = from + done;
      if (
        piece === null ||
        piece.fileIndex !== fileIndex ||
        at < piece.from ||
        at >= piece.from + piece.length
      )
        throw new Error(
          `the layout of ${this.name} has no place for byte ${at} of file ${fileIndex}`,
        );
      const within = at - piece.from;
      const length = Math.min(piece.length - within, bytes.length - done);
      await this.#writer.append(piece.offset + within, bytes.subarray(done, done + length));
      done += length;
      if (within + length === piece.length) this.#next();
    }
  }

  async *lend(
    { inputs, of }: ContentSources,
    onFailure: (error: unknown) => void,
  ): AsyncGenerator<FilledWindow> {
    this.#writer.dropAfterFailure(onFailure);
    let room: Reserved | null = null;
    let segments: Segment[] = [];
    const window = ({ memory, filled }: Reserved): FilledWindow => ({
      memory,
      segments,
      inputs,
      release: () => filled.resolve(),
    });
    for (let piece = this.#piece; piece !== null; piece = this.#next()) {
      if (piece.kind !== 'file') {
        // It may have to wait for a chunk, and a chunk for the window that is still to come.
        if (room !== null && this.#needsChunk(piece)) {
          yield window(room);
          room = null;
          segments = [];
          this.#writer.seal();
        }
        await this.#write(this.#writer, piece);
        continue;
      }
      const { fileIndex } = piece;
      for (let done = 0; done < piece.length;) {
        const from = piece.from + done;
        const bytes = of(fileIndex, from);
        const wanted = Math.min(piece.length - done, bytes.length);
        const next = await this.#writer.reserve(piece.offset + done, wanted);
        if (room !== null && next.filled !== room.filled) {
          yield window(room);
          segments = [];
        }
        room = next;
        const { memory, start, length } = next;
        if (bytes instanceof Uint8Array) {
          new Uint8Array(memory, start, length).set(bytes.subarray(0, length));
          segments.push({ fileIndex, from, start, length });
        } else {
          const source = { input: bytes.input, offset: bytes.offset };
          segments.push({ fileIndex, from, start, length, source });
        }
        done += length;
      }
    }
    if (room !== null) yield window(room);
  }

  async finish(): Promise<void> {
    if ((await this.#filePiece()) !== null)
      throw new Error(`the layout of ${this.name} expects more files`);
    await this.#metadata;
    await this.#writer.finish();
    await this.#target.flush();
  }

  async commit(): Promise<void> {
    await this.#target.commit(this.#layout.commit);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#writer.abandon();
    await this.#metadata;
    await this.#target.close();
  }

  /** While threads hash the files this one has little to do. */
  async #writeMetadata(pieces: Iterable<Piece>): Promise<void> {
    try {
      const writer = new ChunkWriter(this.#target, METADATA_BYTES);
      for (const piece of pieces) {
        // The threads come first: those that wait for windows, and those that have filled some.
        await setImmediate();
        if (this.#isClosed) return;
        await this.#write(writer, piece);
      }
      await writer.finish();
    } catch (error) {
      // A write that waits for room for the files must fail, too.
      this.#writer.fail(error);
    }
  }

  /** Writes what comes before the next file's bytes; null when no file is left. */
  async #filePiece(): Promise<(Piece & { kind: 'file' }) | null> {
    for (let piece = this.#piece; piece !== null; piece = this.#next()) {
      if (piece.kind === 'file') return piece;
      await this.#write(this.#writer, piece);
    }
    return null;
  }

  /** Whether writing metadata would begin another chunk. */
  #needsChunk(piece: Exclude<Piece, { kind: 'file' }>): boolean {
    if (piece.kind === 'bytes') return !this.#writer.holds(piece.offset, piece.bytes.length);
    return !this.#target.startsZeroed && !this.#writer.holds(piece.offset, piece.length);
  }

  async #write(writer: ChunkWriter, piece: Piece): Promise<void> {
    if (piece.kind === 'bytes') await writer.append(piece.offset, piece.bytes);
    else if (!this.#target.startsZeroed) await writer.zeros(piece.offset, piece.length);
  }

  #next(): Piece | null {
    const result = this.#pieces?.next();
    this.#piece = result === undefined || result.done === true ? null : result.value;
    return this.#piece;
  }
}
