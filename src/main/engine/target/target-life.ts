import { builderError, type BuilderError } from '../../../shared/errors.ts';
import type { Range } from '../layout/layout.ts';

type State = 'new' | 'writing' | 'flushed' | 'committed' | 'failed' | 'closed';

/**
 * Holds a Target to its contract: the order of calls, ascending aligned writes, nothing beyond the
 * end. A breach is a defect of the caller, hence `internal`; a call after `close` is `cancelled`,
 * because `close` may come at any time.
 */
export class TargetLife {
  readonly #size: number;
  readonly #blockSize: number;
  readonly #anyOrder: boolean;
  #state: State = 'new';
  #written = 0;

  /** Bytes both. @param anyOrder as in Target. */
  constructor(size: number, blockSize: number, anyOrder = false) {
    this.#size = size;
    this.#blockSize = blockSize;
    this.#anyOrder = anyOrder;
  }

  get committed(): boolean {
    return this.#state === 'committed';
  }

  prepare(wipe: readonly Range[]): void {
    this.#expect('new');
    for (const { offset, length } of wipe) this.#withinSize(offset, length);
    this.#state = 'writing';
  }

  write(offset: number, length: number): void {
    this.#expect('writing', 'flushed');
    this.#withinSize(offset, length);
    if (offset < this.#written && !this.#anyOrder)
      throw breach(`write at ${offset} after one that ended at ${this.#written}`);
    const end = offset + length;
    const endsWell = end % this.#blockSize === 0 || end === this.#size;
    if (offset % this.#blockSize !== 0 || !endsWell)
      throw breach(`write of ${length} bytes at ${offset} is not aligned to ${this.#blockSize}`);
    this.#written = end;
    this.#state = 'writing';
  }

  flush(): void {
    this.#expect('writing', 'flushed');
    this.#state = 'flushed';
  }

  read(offset: number, length: number): void {
    this.#expect('flushed', 'committed');
    this.#withinSize(offset, length);
  }

  /** To be called before the commit starts; `completeCommit` when all of it is durable. */
  startCommit(piece: { readonly offset: number; readonly bytes: Uint8Array } | null): void {
    this.#expect('flushed');
    if (piece !== null) this.#withinSize(piece.offset, piece.bytes.length);
  }

  completeCommit(): void {
    this.#expect('flushed');
    this.#state = 'committed';
  }

  /**
   * The medium failed. Nothing but `close` may follow: after a failed fsync Linux takes the pages for
   * clean, so that a second one succeeds though they were never written.
   */
  fail(): void {
    if (this.#state !== 'closed') this.#state = 'failed';
  }

  close(): void {
    this.#state = 'closed';
  }

  #expect(...states: readonly State[]): void {
    if (this.#state === 'closed') throw builderError('cancelled', {});
    if (!states.includes(this.#state))
      throw breach(`call not allowed while the target is ${this.#state}`);
  }

  #withinSize(offset: number, length: number): void {
    const sane = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
    if (!sane || offset < 0 || length < 0 || offset + length > this.#size)
      throw breach(`${length} bytes at ${offset} reach beyond ${this.#size}`);
  }
}

function breach(detail: string): BuilderError {
  return builderError('internal', { detail: `target: ${detail}` });
}
