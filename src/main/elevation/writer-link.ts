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

export interface LinkOptions {
  readonly identity: DriveIdentity;
  /** Messages for the person that are no failures. */
  readonly onNotice?: (notice: ErrorData) => void;
  readonly onLog?: (line: string) => void;
}

/** What the writer answers: facts, bytes, or just that it is done. */
export type Answer =
  { readonly type: 'ready'; readonly facts: ControlPayloads['ready'] } | Uint8Array | null;

/** The app's end of the conversation: questions are answered in order, writes go in a window. */
export class WriterLink {
  readonly #options: LinkOptions;
  readonly #name: string;
  #channel: Channel | null = null;
  #failure: BuilderError | null = null;
  /** Asked and not answered. */
  readonly #questions: PromiseWithResolvers<Answer>[] = [];
  /** An answer that came before its question: `ready` is sent without one. */
  #early: Answer = null;
  #underWay = 0;
  #sent = 0;
  #progress: PromiseWithResolvers<undefined> | null = null;
  #flushed = 0;
  #notices = 0;
  #abandoned = false;
  readonly #released = Promise.withResolvers<undefined>();

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#name = options.identity.model ?? options.identity.path;
  }

  /** Bytes of writes that were sent and have not reached the device. */
  get pending(): number {
    return this.#sent - this.#flushed;
  }

  /** Resolves when the writer has closed the connection itself, after it released the device or died. */
  get released(): Promise<undefined> {
    return this.#released.promise;
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

  /** false when the drive could not be switched off, for whatever reason; then `onNotice` was called. */
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

  /** Asks the writer to release the device and end. */
  leave(): void {
    if (this.#failure === null) this.#channel?.send('bye', null);
    this.#failure ??= builderError('cancelled', {});
  }

  /** Breaks the connection, upon which the writer stops at once. */
  abandon(): void {
    this.#abandoned = true;
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
    } else if (type === 'unread') {
      this.#questions.shift()?.reject(new BuilderError(value as ErrorData));
    } else if (type === 'progress') {
      this.#underWay--;
      this.#flushed += (value as ControlPayloads['progress']).bytes;
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
    if (!this.#abandoned) this.#released.resolve(undefined);
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
