import { builderError } from '../../shared/errors.ts';
import { MAX_DATA } from '../../shared/writer-protocol.ts';
import type { Range, Signature } from '../engine/layout/layout.ts';
import { TargetState } from '../engine/target/target-state.ts';
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
  /** One write is one frame, and the writer makes one request of it. */
  readonly writeBytes = MAX_DATA;
  readonly startsZeroed = false;
  readonly hasContent = true;
  /** What the medium is fastest with. */
  readonly randomWrites = false;
  readonly #link: WriterLink;
  readonly #state = new TargetState(this);
  readonly #settle: () => Promise<void>;
  /** The writer has been told to make the drive recognisable, and nobody can call that back. */
  #committing = false;
  #closing: Promise<void> | null = null;

  constructor({ link, facts, name, settle }: WriterSession, signal: AbortSignal | undefined) {
    this.name = name;
    this.size = facts.size;
    this.blockSize = facts.blockSize;
    this.#link = link;
    this.#settle = settle;
    signal?.addEventListener('abort', () => this.#cancel(), { once: true });
  }

  get pending(): number {
    return this.#link.pending;
  }

  async prepare(wipe: readonly Range[], signature: Signature | null = null): Promise<void> {
    this.#state.prepare(wipe);
    const ranges = wipe.map(({ offset, length }) => ({ offset, length }));
    await this.#link.ask((channel) => channel.send('prepare', { wipe: ranges, signature }));
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    this.#state.write(offset, bytes.length);
    for (let done = 0; done < bytes.length; done += MAX_DATA)
      await this.#link.write(offset + done, bytes.subarray(done, done + MAX_DATA));
  }

  async flush(): Promise<void> {
    this.#state.flush();
    await this.#link.ask((channel) => channel.send('flush', null));
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    this.#state.read(offset, length);
    return await this.#link.read(offset, length);
  }

  async commit(
    piece: { readonly offset: number; readonly bytes: Uint8Array } | null,
  ): Promise<void> {
    this.#state.startCommit(piece);
    const { offset, bytes } = piece ?? { offset: 0, bytes: new Uint8Array() };
    this.#committing = true;
    try {
      await this.#link.ask((channel) => void channel.sendData('commit', offset, bytes));
      this.#state.completeCommit();
    } finally {
      this.#committing = false;
    }
  }

  async eject(): Promise<boolean> {
    if (!this.#state.committed) throw builderError('internal', { detail: 'eject before commit' });
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
    if (!this.#committing && !this.#state.committed) void this.close();
  }

  async #close(): Promise<void> {
    if (this.#state.committed) this.#link.leave();
    else this.#link.abandon();
    this.#state.close();
    await this.#settle();
  }
}
