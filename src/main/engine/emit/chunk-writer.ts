import { alignedSharedMemory } from '../../../shared/aligned-memory.ts';
import { builderError } from '../../../shared/errors.ts';
import type { WriteTarget } from '../target/target.ts';

/**
 * Memory of one writer: what an output may be behind what is read. One chunk is being gathered, one or two are
 * being written, the others wait: threads fill several at once, a large file goes through one thread alone, and
 * the latency of disks varies.
 */
const QUEUE_BYTES = 16 * 1024 * 1024;

/** One is gathered while another is written. */
const MIN_CHUNKS = 2;

/**
 * Where the target takes writes in any order: the disk has the next one when it has done with one. The
 * main thread, which would send it, waits for a core while threads hash on all of them.
 */
const WRITES_AT_ONCE = 2;

/** Copied from: V8 fills shared memory byte by byte, which takes four times as long as a copy. */
const ZEROS = new Uint8Array(64 * 1024);

interface Chunk {
  /** Offset of its bytes in the shared memory. */
  readonly start: number;
  readonly bytes: Uint8Array;
  /** Each settles when a part that was reserved in it is filled. */
  readonly filled: PromiseWithResolvers<void>[];
}

/** A part of the shared memory with its offset in the target. */
export interface Reserved {
  readonly memory: SharedArrayBuffer;
  readonly start: number;
  readonly length: number;
  /** To be resolved when all that was reserved with it is filled: one for each chunk and {@link ChunkWriter.seal}. */
  readonly filled: PromiseWithResolvers<void>;
}

/**
 * Gathers bytes at ascending offsets into large aligned writes, one in flight at a time, or two where
 * the target takes any order. What lies between is left untouched, except for the rest of a block, which
 * is filled with zeros.
 */
export class ChunkWriter {
  readonly #target: WriteTarget;
  readonly #chunkBytes: number;
  readonly #memory: SharedArrayBuffer;
  readonly #free: Chunk[];
  #chunk: Chunk | null = null;
  /** Offset of the chunk's first byte in the target. */
  #start = 0;
  #used = 0;
  /** The last write of each that may be in flight; the writes take turns. */
  readonly #inFlight: Promise<void>[];
  #turn = 0;
  #pending = 0;
  /** Of what is reserved now in the chunk. */
  #filling: PromiseWithResolvers<void> | null = null;
  #wake: (() => void) | null = null;
  #failure: unknown = null;
  #onFailure: ((error: unknown) => void) | null = null;

  /** @param memory for all chunks, bytes; a chunk has the size that the target likes best. */
  constructor(target: WriteTarget, memory = QUEUE_BYTES) {
    this.#target = target;
    const chunkBytes = (this.#chunkBytes = target.writeBytes);
    const chunks = Math.max(MIN_CHUNKS, Math.floor(memory / chunkBytes));
    const writes = target.randomWrites ? WRITES_AT_ONCE : 1;
    this.#inFlight = Array.from({ length: writes }, () => Promise.resolve());
    this.#memory = alignedSharedMemory(chunks * chunkBytes);
    this.#free = Array.from({ length: chunks }, (_, i) => {
      const start = i * chunkBytes;
      return { start, bytes: new Uint8Array(this.#memory, start, chunkBytes), filled: [] };
    });
  }

  /** Bytes gathered and not yet written. */
  get pending(): number {
    return this.#pending + this.#used;
  }

  async append(offset: number, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const room = await this.#roomAt(offset + done);
      const length = Math.min(room.length, bytes.length - done);
      room.set(length === bytes.length ? bytes : bytes.subarray(done, done + length));
      this.#used += length;
      done += length;
    }
  }

  /** Room for up to `length` bytes at `offset`, in memory that threads share; not written until filled. */
  async reserve(offset: number, length: number): Promise<Reserved> {
    const room = await this.#roomAt(offset);
    const chunk = this.#chunk;
    if (chunk === null) throw new Error('room is always in a chunk');
    if (this.#filling === null) {
      this.#filling = Promise.withResolvers();
      chunk.filled.push(this.#filling);
    }
    const filled = this.#filling;
    const start = chunk.start + this.#used;
    const taken = Math.min(length, room.length);
    this.#used += taken;
    return { memory: this.#memory, start, length: taken, filled };
  }

  /** Whether bytes there go into the chunk that is being gathered: then none is sent for them. */
  holds(offset: number, length: number): boolean {
    const { blockSize } = this.#target;
    const blockEnd = Math.ceil((this.#start + this.#used) / blockSize) * blockSize;
    return (
      this.#chunk !== null &&
      offset < blockEnd + blockSize &&
      offset + length - this.#start <= this.#chunkBytes
    );
  }

  /** What is reserved from now on is filled apart from what was, be it in the same chunk. */
  seal(): void {
    this.#filling = null;
  }

  async zeros(offset: number, length: number): Promise<void> {
    for (let done = 0; done < length;) {
      const room = await this.#roomAt(offset + done);
      const count = Math.min(room.length, length - done);
      clear(room, 0, count);
      this.#used += count;
      done += count;
    }
  }

  /**
   * From now on a write that fails makes no call but `finish` reject: what comes after it is taken and dropped.
   * @param onFailure called once, when that happens.
   */
  dropAfterFailure(onFailure: (error: unknown) => void): void {
    this.#onFailure = onFailure;
  }

  /** Ends the writing, as if a write had failed. */
  fail(error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#onFailure?.(error);
    this.#wake?.();
  }

  /** Ends every wait and all writing: the target was closed. */
  abandon(): void {
    this.#failure ??= builderError('cancelled', {});
    this.#wake?.();
  }

  /** Writes what is left; resolves when every write has succeeded. */
  async finish(): Promise<void> {
    this.#send();
    await Promise.all(this.#inFlight);
    this.#onFailure = null;
    this.#throwFailure();
  }

  /** The free part of the chunk that covers `offset`. */
  async #roomAt(offset: number): Promise<Uint8Array> {
    const { blockSize } = this.#target;
    if (this.#chunk !== null) {
      const gap = offset - this.#start - this.#used;
      if (gap < 0) throw new RangeError(`offset ${offset} is behind what was written`);
      const blockEnd = Math.ceil((this.#start + this.#used) / blockSize) * blockSize;
      // A gap inside a block is filled; a larger one ends the chunk and is left out.
      if (gap > 0 && (offset >= blockEnd + blockSize || this.#used + gap >= this.#chunkBytes))
        this.#send();
      else if (gap > 0) this.#pad(offset);
      else if (this.#used === this.#chunkBytes) this.#send();
    }
    if (this.#chunk === null) {
      this.#chunk = await this.#takeBuffer();
      this.#start = Math.floor(offset / blockSize) * blockSize;
      this.#used = 0;
      this.#pad(offset);
    }
    return this.#chunk.bytes.subarray(this.#used);
  }

  #pad(offset: number): void {
    const to = offset - this.#start;
    if (this.#chunk !== null) clear(this.#chunk.bytes, this.#used, to);
    this.#used = to;
  }

  #send(): void {
    const chunk = this.#chunk;
    if (chunk === null) return;
    const start = this.#start;
    const { bytes, filled } = chunk;
    const length = this.#padToBlock(bytes);
    this.#chunk = null;
    this.#used = 0;
    this.seal();
    this.#pending += length;
    const turn = this.#turn++ % this.#inFlight.length;
    this.#inFlight[turn] = (this.#inFlight[turn] ?? Promise.resolve()).then(async () => {
      try {
        await Promise.all(filled.map(({ promise }) => promise));
        if (this.#failure === null) await this.#target.write(start, bytes.subarray(0, length));
      } catch (error) {
        this.fail(error);
      }
      this.#pending -= length;
      this.#free.push({ ...chunk, filled: [] });
      this.#wake?.();
    });
  }

  #padToBlock(bytes: Uint8Array): number {
    const { blockSize, size } = this.#target;
    const end = Math.min(Math.ceil((this.#start + this.#used) / blockSize) * blockSize, size);
    clear(bytes, this.#used, end - this.#start);
    return end - this.#start;
  }

  async #takeBuffer(): Promise<Chunk> {
    this.#throwFailure();
    const free = this.#free.pop();
    if (free !== undefined) return free;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = null;
    return this.#takeBuffer();
  }

  #throwFailure(): void {
    if (this.#onFailure !== null) return;
    // Whatever the target threw goes on as it is.
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    if (this.#failure !== null) throw this.#failure;
  }
}

function clear(bytes: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; at += ZEROS.length)
    bytes.set(ZEROS.subarray(0, Math.min(ZEROS.length, to - at)), at);
}
