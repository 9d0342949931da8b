import { builderError } from '../../shared/errors.ts';
import { MAX_DATA } from '../../shared/writer-protocol.ts';
import type { Range } from '../engine/layout/layout.ts';
import { TargetLife } from '../engine/target/target-life.ts';
import type { Target } from '../engine/target/target.ts';
import {
  connectWriter,
  type StickOptions,
  type WriterLink,
  type WriterSession,
} from './writer-link.ts';

export interface StickTarget extends Target {
  /**
   * Switches the drive off, after `commit`. false when that failed: then `onNotice` was called, and
   * the drive is complete all the same.
   */
  eject(): Promise<boolean>;
}

/** Writes smaller than this are gathered, so that a device sees few large requests. Bytes. */
const GATHER = MAX_DATA;

/**
 * Starts the elevated writer for one drive and gives a Target over it. Resolves when the drive is
 * checked, unmounted and open. Throws `elevation-…`, `writer-…` and `drive-…`.
 */
export async function openStickTarget(options: StickOptions): Promise<StickTarget> {
  return new ChannelTarget(await connectWriter(options, 'write'), options.signal);
}

class ChannelTarget implements StickTarget {
  readonly name: string;
  readonly size: number;
  readonly blockSize: number;
  readonly startsZeroed = false;
  /** What the medium is fastest with. */
  readonly anyOrder = false;
  readonly #link: WriterLink;
  readonly #life: TargetLife;
  readonly #settle: () => Promise<void>;
  readonly #gathered = new Uint8Array(GATHER);
  #gatheredFrom = 0;
  #gatheredLength = 0;
  /** The writer has been told to make the drive recognisable, and nobody can call that back. */
  #committing = false;
  #closing: Promise<void> | null = null;

  constructor({ link, facts, name, settle }: WriterSession, signal: AbortSignal | undefined) {
    this.name = name;
    this.size = facts.size;
    this.blockSize = facts.blockSize;
    this.#link = link;
    this.#settle = settle;
    this.#life = new TargetLife(facts.size, facts.blockSize);
    signal?.addEventListener('abort', () => this.#cancel(), { once: true });
  }

  get pending(): number {
    return this.#gatheredLength + this.#link.pending;
  }

  async prepare(wipe: readonly Range[]): Promise<void> {
    this.#life.prepare(wipe);
    const ranges = wipe.map(({ offset, length }) => ({ offset, length }));
    await this.#link.ask((channel) => channel.send('prepare', { wipe: ranges }));
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    this.#life.write(offset, bytes.length);
    const follows = offset === this.#gatheredFrom + this.#gatheredLength;
    if (!follows) await this.#sendGathered();
    let done = 0;
    while (done < bytes.length) {
      const rest = bytes.subarray(done, done + GATHER);
      if (this.#gatheredLength === 0 && rest.length === GATHER) {
        await this.#link.write(offset + done, rest);
        done += GATHER;
      } else {
        done += await this.#gather(offset + done, rest);
      }
    }
  }

  async flush(): Promise<void> {
    this.#life.flush();
    await this.#sendGathered();
    await this.#link.ask((channel) => channel.send('flush', null));
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    this.#life.read(offset, length);
    return await this.#link.read(offset, length);
  }

  async commit(
    piece: { readonly offset: number; readonly bytes: Uint8Array } | null,
  ): Promise<void> {
    this.#life.startCommit(piece);
    const { offset, bytes } = piece ?? { offset: 0, bytes: new Uint8Array() };
    this.#committing = true;
    try {
      await this.#link.ask((channel) => void channel.sendData('commit', offset, bytes));
      this.#life.completeCommit();
    } finally {
      this.#committing = false;
    }
  }

  async eject(): Promise<boolean> {
    if (!this.#life.committed) throw builderError('internal', { detail: 'eject before commit' });
    return await this.#link.eject();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /**
   * A cancel comes too late for a commit. To break the connection then would only keep us from hearing of
   * it: the job would say that the drive is of no use, while the writer completes it. What was committed
   * is still to be ejected. A commit that fails is put away by whoever began it.
   */
  #cancel(): void {
    if (!this.#committing && !this.#life.committed) void this.close();
  }

  async #close(): Promise<void> {
    if (this.#life.committed) this.#link.leave();
    else this.#link.abandon();
    this.#life.close();
    await this.#settle();
  }

  /** Takes what fits and tells how much that was. */
  async #gather(offset: number, bytes: Uint8Array): Promise<number> {
    if (this.#gatheredLength === 0) this.#gatheredFrom = offset;
    const part = bytes.subarray(0, GATHER - this.#gatheredLength);
    this.#gathered.set(part, this.#gatheredLength);
    this.#gatheredLength += part.length;
    if (this.#gatheredLength === GATHER) await this.#sendGathered();
    return part.length;
  }

  async #sendGathered(): Promise<void> {
    if (this.#gatheredLength === 0) return;
    const bytes = this.#gathered.subarray(0, this.#gatheredLength);
    const from = this.#gatheredFrom;
    this.#gatheredFrom += this.#gatheredLength;
    this.#gatheredLength = 0;
    await this.#link.write(from, bytes);
  }
}
