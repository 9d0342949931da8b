import { builderError, type BuilderError } from '../../../shared/errors.ts';
import type { Range } from '../layout/layout.ts';
import type { Target } from './target.ts';
import type { CommitBlock } from '../content/commit-block.ts';

type State = 'new' | 'writing' | 'flushed' | 'committed' | 'failed' | 'closed';

/** What a Target says of itself. */
type Properties = Pick<Target, 'size' | 'blockSize' | 'randomWrites' | 'hasContent'>;

/**
 * Holds a Target to its contract: the order of calls, ascending aligned writes, nothing beyond the
 * end. A breach is a defect of the caller, hence `internal`; a call after `close` is `cancelled`,
 * because `close` may come at any time.
 */
export class TargetState {
  readonly #properties: Properties;
  #state: State = 'new';
  /** End of the last write since the last flush. */
  #written = 0;

  /** @param properties may be the target itself: they are asked for when they are needed. */
  constructor(properties: Properties) {
    this.#properties = properties;
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
    const { size, blockSize, randomWrites } = this.#properties;
    if (offset < this.#written && !randomWrites)
      throw breach(`write at ${offset} after one that ended at ${this.#written}`);
    const end = offset + length;
    const endsWell = end % blockSize === 0 || end === size;
    if (offset % blockSize !== 0 || !endsWell)
      throw breach(`write of ${length} bytes at ${offset} is not aligned to ${blockSize}`);
    this.#written = end;
    this.#state = 'writing';
  }

  flush(): void {
    this.#expect('writing', 'flushed');
    this.#written = 0;
    this.#state = 'flushed';
  }

  read(offset: number, length: number): void {
    if (this.#properties.hasContent) this.#expect('new', 'flushed', 'committed');
    else this.#expect('flushed', 'committed');
    this.#withinSize(offset, length);
  }

  /** To be called before the commit starts; `completeCommit` when all of it is durable. */
  startCommit(piece: CommitBlock | null): void {
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
    const { size } = this.#properties;
    const sane = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
    if (!sane || offset < 0 || length < 0 || offset + length > size)
      throw breach(`${length} bytes at ${offset} reach beyond ${size}`);
  }
}

function breach(detail: string): BuilderError {
  return builderError('internal', { detail: `target: ${detail}` });
}
