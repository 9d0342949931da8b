import { builderError, BuilderError, type ErrorData } from '../../shared/errors.ts';
import type { DriveIdentity } from '../../shared/model/drive.ts';
import {
  decodeControl,
  MAX_DATA,
  WINDOW,
  type ControlPayloads,
  type FrameHeader,
} from '../../shared/writer-protocol.ts';
import type { Range } from '../engine/layout/layout.ts';
import { TargetLife } from '../engine/target/target-life.ts';
import type { Target } from '../engine/target/target.ts';
import type { Channel } from '../writer/channel.ts';
import { createJobFolder } from './job-folder.ts';
import { startWriter, type StartedWriter } from './start-writer.ts';
import { listenForWriter, type Listener } from './writer-connection.ts';
import type { WriterProgram } from './writer-program.ts';

export interface StickOptions {
  readonly identity: DriveIdentity;
  readonly allowFixed: boolean;
  readonly program: WriterProgram;
  /** Ends a pending password dialog, and everything else as `close` does. */
  readonly signal?: AbortSignal;
  /** Bytes that have reached the device so far; what is still in memory does not count. */
  readonly onProgress?: (bytes: number) => void;
  /** Things to tell the person that are no failures. */
  readonly onNotice?: (notice: ErrorData) => void;
  readonly onLog?: (line: string) => void;
}

export interface StickTarget extends Target {
  /**
   * Switches the drive off, after `commit`. false when that failed: then `onNotice` was called, and
   * the drive is complete all the same.
   */
  eject(): Promise<boolean>;
}

/** The writer releases the device after its last request; a dead device may keep it. Milliseconds. */
const FAREWELL = 25_000;

/** Writes smaller than this are gathered, so that a device sees few large requests. Bytes. */
const GATHER = MAX_DATA;

/**
 * Starts the elevated writer for one drive and gives a Target over it. Resolves when the drive is
 * checked, unmounted and open. Throws `elevation-…`, `writer-…` and `drive-…`.
 */
export async function openStickTarget(options: StickOptions): Promise<StickTarget> {
  const { identity, allowFixed, program, signal } = options;
  if (signal?.aborted === true) throw builderError('cancelled', {});
  const folder = await createJobFolder(identity, allowFixed);
  const link = new WriterLink(options);
  let listener: Listener | null = null;
  let writer: StartedWriter | null = null;
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => undefined);
  const abort = (): void => aborted.reject(builderError('cancelled', {}));
  signal?.addEventListener('abort', abort, { once: true });
  try {
    listener = await listenForWriter(folder, link);
    writer = await startWriter(program, folder);
    const ended = writer.ended.then((error) => {
      throw error;
    });
    ended.catch(() => undefined);
    const channel = await Promise.race([listener.connected, ended, aborted.promise]);
    // Nobody needs it any more: nothing is left behind, however this process ends.
    await folder.remove();
    const facts = await Promise.race([link.start(channel), aborted.promise]);
    return new ChannelTarget(options, link, facts, { listener, writer });
  } catch (error) {
    link.abandon();
    listener?.close();
    writer?.kill();
    if (writer !== null) await within(FAREWELL, writer.ended);
    await folder.remove();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

type Answer =
  { readonly type: 'ready'; readonly facts: ControlPayloads['ready'] } | Uint8Array | null;

/** The app's end of the conversation: one question at a time, writes in a window. */
class WriterLink {
  readonly #options: StickOptions;
  readonly #name: string;
  #channel: Channel | null = null;
  #failure: BuilderError | null = null;
  #question: PromiseWithResolvers<Answer> | null = null;
  #underWay = 0;
  #progress: PromiseWithResolvers<undefined> | null = null;
  #flushed = 0;
  #notices = 0;

  constructor(options: StickOptions) {
    this.#options = options;
    this.#name = options.identity.model ?? options.identity.path;
  }

  get notices(): number {
    return this.#notices;
  }

  async start(channel: Channel): Promise<ControlPayloads['ready']> {
    this.#channel = channel;
    const answer = await this.#await();
    if (answer === null || answer instanceof Uint8Array) throw this.#lost();
    return answer.facts;
  }

  /** Asks and waits for the answer. */
  async ask(send: (channel: Channel) => void): Promise<Answer> {
    const channel = this.#usable();
    const answer = this.#await();
    send(channel);
    return await answer;
  }

  /** Resolves when the memory may be reused; waits while too much is under way. */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    const channel = this.#usable();
    while (this.#underWay >= WINDOW) {
      this.#progress ??= Promise.withResolvers<undefined>();
      await this.#progress.promise;
      this.#usable();
    }
    this.#underWay++;
    await channel.sendData('write', offset, bytes);
    this.#usable();
  }

  /** Says goodbye; the writer ends by itself. */
  leave(): void {
    if (this.#failure === null) this.#channel?.send('bye', null);
    this.#failure ??= builderError('cancelled', {});
  }

  /** Breaks the connection, upon which the writer stops at once. */
  abandon(): void {
    this.#fail(builderError('cancelled', {}));
    this.#channel?.destroy();
  }

  onFrame = (header: FrameHeader, payload: Uint8Array): void => {
    const { type } = header;
    if (type === 'heartbeat') return;
    if (type === 'data') {
      this.#answer(payload);
      return;
    }
    const value = decodeControl(payload);
    if (type === 'ready') {
      this.#answer({ type, facts: value as ControlPayloads['ready'] });
    } else if (type === 'done') {
      this.#answer(null);
    } else if (type === 'progress') {
      this.#underWay--;
      this.#flushed += (value as ControlPayloads['progress']).bytes;
      this.#options.onProgress?.(this.#flushed);
      this.#progress?.resolve(undefined);
      this.#progress = null;
    } else if (type === 'notice') {
      this.#notices++;
      this.#options.onNotice?.(value as ErrorData);
    } else if (type === 'log') {
      this.#options.onLog?.((value as ControlPayloads['log']).line);
    } else if (type === 'error') {
      this.#fail(new BuilderError(value as ErrorData));
    }
  };

  onClose = (error: Error | null): void => {
    this.#fail(builderError('writer-lost', { drive: this.#name }, error ?? undefined));
  };

  #usable(): Channel {
    if (this.#failure !== null) throw this.#failure;
    if (this.#channel === null) throw this.#lost();
    return this.#channel;
  }

  #await(): Promise<Answer> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    this.#question = Promise.withResolvers<Answer>();
    return this.#question.promise;
  }

  #answer(answer: Answer): void {
    const question = this.#question;
    this.#question = null;
    question?.resolve(answer);
  }

  /** The first failure counts: what comes after it follows from it. */
  #fail(error: BuilderError): void {
    this.#failure ??= error;
    this.#question?.reject(this.#failure);
    this.#question = null;
    this.#progress?.resolve(undefined);
    this.#progress = null;
  }

  #lost(): BuilderError {
    return builderError('writer-lost', { drive: this.#name });
  }
}

class ChannelTarget implements StickTarget {
  readonly name: string;
  readonly size: number;
  readonly blockSize: number;
  readonly #link: WriterLink;
  readonly #life: TargetLife;
  readonly #parts: {
    readonly listener: Listener;
    readonly writer: StartedWriter;
  };
  readonly #gathered = new Uint8Array(GATHER);
  #gatheredFrom = 0;
  #gatheredLength = 0;
  #closing: Promise<void> | null = null;

  constructor(
    { identity, signal }: StickOptions,
    link: WriterLink,
    facts: ControlPayloads['ready'],
    parts: { listener: Listener; writer: StartedWriter },
  ) {
    const serial = identity.serial === null ? '' : ` (${identity.serial})`;
    this.name = `${identity.model ?? identity.path}${serial}`;
    this.size = facts.size;
    this.blockSize = facts.blockSize;
    this.#link = link;
    this.#parts = parts;
    this.#life = new TargetLife(facts.size, facts.blockSize);
    signal?.addEventListener('abort', () => void this.close(), { once: true });
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
    const parts: Uint8Array[] = [];
    for (let done = 0; done < length; done += MAX_DATA) {
      const part = Math.min(MAX_DATA, length - done);
      const answer = await this.#link.ask((channel) =>
        channel.send('read', { length: part }, offset + done),
      );
      if (answer instanceof Uint8Array && answer.length === part) parts.push(answer);
      else throw builderError('writer-lost', { drive: this.name });
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
  }

  async commit(
    piece: { readonly offset: number; readonly bytes: Uint8Array } | null,
  ): Promise<void> {
    this.#life.startCommit(piece);
    const { offset, bytes } = piece ?? { offset: 0, bytes: new Uint8Array() };
    await this.#link.ask((channel) => void channel.sendData('commit', offset, bytes));
    this.#life.completeCommit();
  }

  async eject(): Promise<boolean> {
    if (!this.#life.committed) throw builderError('internal', { detail: 'eject before commit' });
    const before = this.#link.notices;
    await this.#link.ask((channel) => channel.send('eject', null));
    return this.#link.notices === before;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { listener, writer } = this.#parts;
    if (this.#life.committed) this.#link.leave();
    else this.#link.abandon();
    this.#life.close();
    await within(FAREWELL, writer.ended);
    listener.close();
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

async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const limit = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => limit.resolve(undefined), milliseconds);
  await Promise.race([work, limit.promise]);
  clearTimeout(timer);
}
