import type { FileHandle } from 'node:fs/promises';
import { alignedMemory } from '../../shared/aligned-memory.ts';
import { MAX_DATA, WINDOW } from '../../shared/writer-protocol.ts';

/** Largest block size in use; unaligned requests grow by less than this at each end. Bytes. */
const LARGEST_BLOCK = 64 * 1024;

/** One request of MAX_DATA that is not aligned. */
const AREA = MAX_DATA + 2 * LARGEST_BLOCK;

/** The writer's only large memory; what is written and read passes through it. */
export class AlignedMemory {
  readonly #memory: Uint8Array;
  readonly #slots: Uint8Array[];

  constructor() {
    this.#memory = alignedMemory(WINDOW * MAX_DATA + 2 * AREA);
    this.#slots = Array.from({ length: WINDOW }, (_, index) =>
      this.#memory.subarray(index * MAX_DATA, (index + 1) * MAX_DATA),
    );
  }

  /** A buffer of MAX_DATA bytes for one write frame; undefined when all are under way. */
  take(): Uint8Array | undefined {
    return this.#slots.pop();
  }

  giveBack(slot: Uint8Array): void {
    this.#slots.push(this.#memory.subarray(slot.byteOffset, slot.byteOffset + MAX_DATA));
  }

  /** For everything but write frames: twice MAX_DATA and two blocks. */
  get scratch(): Uint8Array {
    return this.#memory.subarray(WINDOW * MAX_DATA);
  }
}

/** An open device. Calls do not overlap. Offsets and lengths are bytes. */
export class BlockDevice {
  readonly size: number;
  readonly blockSize: number;
  readonly direct: boolean;
  readonly #handle: FileHandle;
  /** Used in turn, so that what was read last stays while the next is read. */
  #areas: readonly [next: Uint8Array, last: Uint8Array];
  readonly #dropCache: () => Promise<void>;
  readonly #syncs: boolean;
  #busySince: number | null = null;
  #cached = false;

  constructor(
    handle: FileHandle,
    scratch: Uint8Array,
    facts: {
      readonly size: number;
      readonly blockSize: number;
      /** false: opened through the page cache. */
      readonly direct: boolean;
      /** Makes the system forget what it has cached of the device; used where `direct` is false. */
      readonly dropCache: () => Promise<void>;
      /** false: the system's fsync fails on devices, and what was written directly is there without it. */
      readonly syncs?: boolean;
    },
  ) {
    this.#handle = handle;
    this.#areas = [scratch.subarray(0, AREA), scratch.subarray(AREA)];
    this.size = facts.size;
    this.blockSize = facts.blockSize;
    this.direct = facts.direct;
    this.#dropCache = facts.dropCache;
    this.#syncs = facts.syncs ?? true;
  }

  /** Milliseconds since the device was asked for something that it has not done yet; else 0. */
  get waiting(): number {
    return this.#busySince === null ? 0 : performance.now() - this.#busySince;
  }

  /** `bytes` must be AlignedMemory, offset and length whole blocks. */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    this.#cached = true;
    let done = 0;
    while (done < bytes.length) {
      const rest = bytes.subarray(done);
      const { bytesWritten } = await this.#timed(
        this.#handle.write(rest, 0, rest.length, offset + done),
      );
      if (bytesWritten === 0) throw new Error('the device took nothing');
      done += bytesWritten;
    }
    // Through the cache every write succeeds, and only the first fsync after a failed one tells of it:
    // so each write gets its own, and counts when it is on the medium.
    if (!this.direct) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#syncs) await this.#timed(this.#handle.sync());
  }

  /** Any range, at most MAX_DATA bytes. Valid until the next call but one. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    if (this.#cached && !this.direct) await this.#dropCache();
    this.#cached = false;
    const from = offset - (offset % this.blockSize);
    const to = Math.min(this.#roundUp(offset + length), this.size);
    const area = this.#nextArea().subarray(0, to - from);
    let done = 0;
    while (done < area.length) {
      const { bytesRead } = await this.#timed(
        this.#handle.read(area, done, area.length - done, from + done),
      );
      if (bytesRead === 0) throw Object.assign(new Error('end of device'), { code: 'EIO' });
      done += bytesRead;
    }
    return area.subarray(offset - from, offset - from + length);
  }

  /** Any range of at most MAX_DATA bytes: reads the blocks around it and writes them changed. */
  async overwrite(offset: number, bytes: Uint8Array): Promise<void> {
    const from = offset - (offset % this.blockSize);
    const to = Math.min(this.#roundUp(offset + bytes.length), this.size);
    // Whole blocks need nothing of what stood there.
    const area =
      to - from === bytes.length
        ? this.#nextArea().subarray(0, to - from)
        : await this.read(from, to - from);
    area.set(bytes, offset - from);
    await this.write(from, area);
  }

  /** Any range. */
  async clear(offset: number, length: number): Promise<void> {
    const zeros = new Uint8Array(Math.min(length, MAX_DATA));
    for (let done = 0; done < length; done += MAX_DATA)
      await this.overwrite(offset + done, zeros.subarray(0, Math.min(MAX_DATA, length - done)));
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  #nextArea(): Uint8Array {
    const [next, last] = this.#areas;
    this.#areas = [last, next];
    return next;
  }

  #roundUp(offset: number): number {
    return Math.ceil(offset / this.blockSize) * this.blockSize;
  }

  async #timed<T>(operation: Promise<T>): Promise<T> {
    this.#busySince = performance.now();
    try {
      return await operation;
    } finally {
      this.#busySince = null;
    }
  }
}
