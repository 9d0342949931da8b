import { builderError } from '../../shared/errors.ts';
import { MAX_DATA } from '../../shared/writer-protocol.ts';
import type { Range, Signature } from '../engine/layout/layout.ts';
import { TargetState } from '../engine/target/target-state.ts';
import type { DriveTarget } from '../engine/target/drive-target.ts';
import {
  connectWriters,
  type DriveRequest,
  type RunOptions,
  type WriterSession,
} from './connect-writers.ts';
import type { WriterLink } from './writer-link.ts';
import type { CommitBlock } from '../engine/content/commit-block.ts';

/**
 * Opens the drives of a run for writing, all by one elevation.
 * @returns a promise for each drive, as {@link connectWriters} does: one that fails leaves the others.
 */
export function openStickTargets(
  drives: readonly DriveRequest[],
  run: RunOptions,
): Promise<DriveTarget>[] {
  return connectWriters(drives, 'write', run).map(
    async (session) => new ChannelTarget(await session),
  );
}

/** As {@link openStickTargets}, for one drive. Rejects with `elevation-…`, `writer-…` and `drive-…`. */
export async function openStickTarget(options: DriveRequest & RunOptions): Promise<DriveTarget> {
  const { program, ...drive } = options;
  const [target] = openStickTargets([drive], { program });
  if (target === undefined) throw new RangeError('a target for each drive');
  return await target;
}

class ChannelTarget implements DriveTarget {
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
  /** The writer was asked to make the drive recognisable, which cannot be called back. */
  #committing = false;
  #closing: Promise<void> | null = null;

  constructor({ link, facts, name, signal, settle }: WriterSession) {
    this.name = name;
    this.size = facts.size;
    this.blockSize = facts.blockSize;
    this.#link = link;
    this.#settle = settle;
    signal.addEventListener('abort', () => this.#cancel(), { once: true });
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

  async commit(piece: CommitBlock | null): Promise<void> {
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
   * A cancel comes too late for a commit. Breaking the connection then would only hide its result: the job
   * would call the drive useless while the writer completes it. What was committed is still to be ejected. A
   * commit that fails is cleaned up by the caller that began it.
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
