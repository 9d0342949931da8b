import { builderError, BuilderError, toErrorData, type ErrorData } from '../../shared/errors.ts';
import type { DriveIdentity } from '../../shared/model/drive.ts';
import {
  decodeControl,
  MAX_DATA,
  WINDOW,
  type ControlPayloads,
  type FrameHeader,
} from '../../shared/writer-protocol.ts';
import type { Channel } from '../writer/channel.ts';
import type { Access } from '../../shared/writer-protocol.ts';
import { createJobFolder } from './job-folder.ts';
import { startWriter } from './start-writer.ts';
import { listenForWriter, type Listener } from './writer-connection.ts';
import type { StartedWriter } from './writer-process.ts';
import type { WriterProgram } from './writer-program.ts';

export interface StickOptions {
  readonly identity: DriveIdentity;
  readonly allowFixed: boolean;
  readonly program: WriterProgram;
  /** Ends a pending password dialog, and everything else as `close` does; but not a commit that has begun. */
  readonly signal?: AbortSignal;
  /** Bytes that have reached the device so far; what is still in memory does not count. */
  readonly onProgress?: (bytes: number) => void;
  /** Things to tell the person that are no failures. */
  readonly onNotice?: (notice: ErrorData) => void;
  readonly onLog?: (line: string) => void;
}

/** The writer releases the device after its last request; a dead device may keep it. Milliseconds. */
const FAREWELL = 25_000;

/** A writer that has its device open, and how to take leave of it. */
export interface WriterSession {
  readonly link: WriterLink;
  readonly facts: ControlPayloads['ready'];
  /** What a person calls the drive. */
  readonly name: string;
  /** After `leave` or `abandon`: waits for the writer's end and gives everything back. */
  readonly settle: () => Promise<void>;
}

/**
 * Starts the elevated writer for one drive. Resolves when the drive is checked, unmounted and open.
 * Throws `elevation-…`, `writer-…` and `drive-…`.
 * @param access what the drive is opened for; the writer refuses anything else.
 */
export async function connectWriter(options: StickOptions, access: Access): Promise<WriterSession> {
  const { identity, allowFixed, program, signal } = options;
  if (signal?.aborted === true) throw builderError('cancelled', {});
  const folder = await createJobFolder({ identity, allowFixed, access });
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
    writer.connected();
    // Nobody needs it any more: nothing is left behind, however this process ends.
    await folder.remove();
    const facts = await Promise.race([link.start(channel), aborted.promise]);
    const parts = { listener, writer };
    const serial = identity.serial === null ? '' : ` (${identity.serial})`;
    return {
      link,
      facts,
      name: `${identity.model ?? identity.path}${serial}`,
      settle: async () => {
        await within(FAREWELL, parts.writer.ended);
        parts.listener.close();
      },
    };
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

/** What the writer answers: facts, bytes, or just that it is done. */
export type Answer =
  { readonly type: 'ready'; readonly facts: ControlPayloads['ready'] } | Uint8Array | null;

/** The app's end of the conversation: questions are answered in order, writes go in a window. */
export class WriterLink {
  readonly #options: StickOptions;
  readonly #name: string;
  #channel: Channel | null = null;
  #failure: BuilderError | null = null;
  /** Asked and not answered. */
  readonly #questions: PromiseWithResolvers<Answer>[] = [];
  /** The writer is ready as soon as it is; nobody may have asked yet. */
  #early: Answer = null;
  #underWay = 0;
  #sent = 0;
  #progress: PromiseWithResolvers<undefined> | null = null;
  #flushed = 0;
  #notices = 0;

  constructor(options: StickOptions) {
    this.#options = options;
    this.#name = options.identity.model ?? options.identity.path;
  }

  /** Bytes of writes that were sent and have not reached the device. */
  get pending(): number {
    return this.#sent - this.#flushed;
  }

  async start(channel: Channel): Promise<ControlPayloads['ready']> {
    this.#channel = channel;
    const answer = this.#early ?? (await this.#await());
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

  /** Exactly `length` bytes, in as many frames as they take. Several reads may be under way. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let done = 0; done < length; done += MAX_DATA) {
      const part = Math.min(MAX_DATA, length - done);
      const answer = await this.ask((channel) =>
        channel.send('read', { length: part }, offset + done),
      );
      if (answer instanceof Uint8Array && answer.length === part) parts.push(answer);
      else throw this.#lost();
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
  }

  /** false when the drive could not be switched off, for whatever reason; then a notice was told. */
  async eject(): Promise<boolean> {
    const before = this.#notices;
    try {
      await this.ask((channel) => channel.send('eject', null));
    } catch (error) {
      // What is on the drive is complete all the same: this is no failure of the job.
      this.#notices++;
      const params = { drive: this.#name, reason: toErrorData(error).code };
      this.#options.onNotice?.({ code: 'drive-eject-failed', params });
    }
    return this.#notices === before;
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
    this.#sent += bytes.length;
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
    const question = Promise.withResolvers<Answer>();
    this.#questions.push(question);
    return question.promise;
  }

  #answer(answer: Answer): void {
    const question = this.#questions.shift();
    if (question === undefined) this.#early = answer;
    else question.resolve(answer);
  }

  /** The first failure counts: what comes after it follows from it. */
  #fail(error: BuilderError): void {
    this.#failure ??= error;
    for (const question of this.#questions.splice(0)) question.reject(this.#failure);
    this.#progress?.resolve(undefined);
    this.#progress = null;
  }

  #lost(): BuilderError {
    return builderError('writer-lost', { drive: this.#name });
  }
}

async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const limit = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => limit.resolve(undefined), milliseconds);
  await Promise.race([work, limit.promise]);
  clearTimeout(timer);
}
