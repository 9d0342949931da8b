import { builderError, type BuilderError } from '../../shared/errors.ts';
import type { Range, Signature } from '../engine/layout/layout.ts';
import type { DriveTarget } from '../engine/target/drive-target.ts';

/**
 * A drive that has something to do and does nothing of it for so long is given up, because all others wait for
 * it. Twice what Linux gives a request before it resets the device (30 s: block/blk-mq, SCSI disk). Milliseconds.
 */
export const STANDSTILL_TIMEOUT_MS = 60_000;

/**
 * For all of `prepare`, of which no part is reported, while the others wait for the first byte. It reads and writes some
 * hundred small pieces all over the drive, each of which may take a cheap stick half a second. Milliseconds.
 */
export const PREPARE_TIMEOUT_MS = 180_000;

/** Between two looks. Milliseconds. */
const LOOK_EVERY_MS = 1_000;

/**
 * A drive among others: the same target, with a limit on how long a read or write may stall, and on how long
 * `prepare` may take. `flush` and `commit` have no limit, and hold no other drive up.
 */
export class WatchedDrive implements DriveTarget {
  readonly #inner: DriveTarget;
  readonly #looking: NodeJS.Timeout;
  /** Reads and writes that have not settled. */
  #underWay = 0;
  #settled = 0;
  #limit = STANDSTILL_TIMEOUT_MS;
  #last = { mark: '', at: performance.now() };

  /** @param onStall gets `drive-stands-still`; may be called again until the target is closed. */
  constructor(inner: DriveTarget, onStall: (error: BuilderError) => void) {
    this.#inner = inner;
    this.#looking = setInterval(() => {
      if (this.#standsStill())
        onStall(
          builderError('drive-stands-still', {
            drive: inner.name,
            seconds: this.#limit / 1000,
          }),
        );
    }, LOOK_EVERY_MS);
    this.#looking.unref();
  }

  get name(): string {
    return this.#inner.name;
  }
  get size(): number {
    return this.#inner.size;
  }
  get blockSize(): number {
    return this.#inner.blockSize;
  }
  get writeBytes(): number {
    return this.#inner.writeBytes;
  }
  get pending(): number {
    return this.#inner.pending;
  }
  get startsZeroed(): boolean {
    return this.#inner.startsZeroed;
  }
  get randomWrites(): boolean {
    return this.#inner.randomWrites;
  }
  get hasContent(): boolean {
    return this.#inner.hasContent;
  }

  async prepare(wipe: readonly Range[], signature?: Signature | null): Promise<void> {
    this.#limit = PREPARE_TIMEOUT_MS;
    await this.#watch(this.#inner.prepare(wipe, signature));
    this.#limit = STANDSTILL_TIMEOUT_MS;
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    return this.#watch(this.#inner.write(offset, bytes));
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return this.#watch(this.#inner.read(offset, length));
  }

  flush(): Promise<void> {
    return this.#inner.flush();
  }

  commit(piece: { readonly offset: number; readonly bytes: Uint8Array } | null): Promise<void> {
    return this.#inner.commit(piece);
  }

  eject(): Promise<boolean> {
    return this.#inner.eject();
  }

  close(): Promise<void> {
    clearInterval(this.#looking);
    return this.#inner.close();
  }

  async #watch<T>(work: Promise<T>): Promise<T> {
    this.#underWay++;
    try {
      return await work;
    } finally {
      this.#underWay--;
      this.#settled++;
    }
  }

  #standsStill(): boolean {
    const now = performance.now();
    const { pending } = this.#inner;
    const mark = `${this.#settled} ${pending}`;
    const isIdle = this.#underWay === 0 && pending === 0;
    if (isIdle || mark !== this.#last.mark) this.#last = { mark, at: now };
    return now - this.#last.at >= this.#limit;
  }
}
