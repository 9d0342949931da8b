import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { constants, openWithCallback, stat } from '../../files/files.ts';
import { BuilderError, builderError } from '../../../shared/errors.ts';
import { toOutputError } from '../fs-error.ts';
import type { Range } from '../layout/layout.ts';
import { TargetState } from './target-state.ts';
import type { WriteTarget } from './target.ts';
import type { CommitBlock } from '../content/commit-block.ts';

/** A pipe takes 64 KiB at a time (pipe(7)); more spares the way there and back for each. */
const WRITE_BYTES = 1024 * 1024;

/**
 * Something that takes bytes one after another and gives none back: a pipe, standard output. It cannot be made recognisable at once, as a file is by its name: what reads it must look at how
 * this program ended. The layout's commit piece, the archive's end, is written only when all else is right.
 */
export class StreamTarget implements WriteTarget {
  readonly name: string;
  readonly size: number;
  readonly blockSize = 1;
  readonly writeBytes = WRITE_BYTES;
  readonly pending = 0;
  readonly startsZeroed = false;
  readonly randomWrites = false;
  readonly hasContent = false;
  readonly #open: (signal: AbortSignal) => Promise<Writable>;
  readonly #state = new TargetState(this);
  readonly #closing = new AbortController();
  #stream: Writable | null = null;
  #end = 0;

  /**
   * @param name what a person calls it. @param size bytes of all that will be written.
   * @param open gives the stream; it may wait for a reader until the signal aborts.
   * @param signal closes it: a reader that has stopped to read would hold a write, and so its job, for ever.
   */
  constructor(
    name: string,
    size: number,
    open: (signal: AbortSignal) => Promise<Writable>,
    signal: AbortSignal,
  ) {
    this.name = name;
    this.size = size;
    this.#open = open;
    signal.addEventListener('abort', () => void this.close(), { once: true });
  }

  async prepare(wipe: readonly Range[]): Promise<void> {
    await this.#guard(async () => {
      this.#state.prepare(wipe);
      const stream = await this.#open(this.#closing.signal);
      // Each write tells of its own failure; without a listener Node would end the process, too.
      stream.on('error', () => undefined);
      this.#stream = stream;
      if (this.#closing.signal.aborted) stream.destroy();
    });
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    await this.#guard(async () => {
      this.#state.write(offset, bytes.length);
      await this.#send(offset, bytes);
    });
  }

  /** What a pipe has taken is the reader's. */
  async flush(): Promise<void> {
    await this.#guard(() => {
      this.#state.flush();
      return Promise.resolve();
    });
  }

  async commit(piece: CommitBlock | null): Promise<void> {
    await this.#guard(async () => {
      this.#state.startCommit(piece);
      if (piece !== null) await this.#send(piece.offset, piece.bytes);
      this.#state.completeCommit();
    });
  }

  /** Does not wait for a reader that has stopped to read. */
  close(): Promise<void> {
    this.#state.close();
    this.#closing.abort();
    this.#stream?.destroy();
    return Promise.resolve();
  }

  async #send(offset: number, bytes: Uint8Array): Promise<void> {
    if (offset !== this.#end)
      throw builderError('internal', { detail: `stream: ${offset} does not follow ${this.#end}` });
    const stream = this.#stream;
    if (stream === null) throw builderError('cancelled', {});
    const closing = this.#closing.signal;
    await new Promise<void>((resolve, reject) => {
      // A write to standard output that waits for its reader is not ended by `destroy`.
      const onClosing = (): void => reject(builderError('cancelled', {}));
      closing.addEventListener('abort', onClosing);
      stream.write(bytes, (error) => {
        closing.removeEventListener('abort', onClosing);
        if (error === null || error === undefined) resolve();
        else reject(error);
      });
    });
    this.#end += bytes.length;
  }

  async #guard(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof BuilderError)) this.#state.fail();
      throw toOutputError(this.name, error);
    }
  }
}

/** Whether a path is something to stream into, a named pipe. false also where nothing is there. */
export async function isStream(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFIFO(),
    () => false,
  );
}

/** Between two looks for a reader; a person notices no less. Milliseconds. */
const READER_AWAITED = 50;

/**
 * Opens a pipe when it has a reader, and waits for that until the signal aborts: opened in the usual way,
 * it would wait in the kernel, where no cancel ends it.
 */
export async function openStream(path: string, signal: AbortSignal): Promise<Writable> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await openPipe(path);
    } catch (error) {
      // No reader yet (fifo(7)).
      if (!(error instanceof Error && 'code' in error && error.code === 'ENXIO')) throw error;
    }
    await setTimeout(READER_AWAITED, undefined, { signal });
  }
}

/** Opens a pipe that has a reader. @throws ENXIO where it has none. */
export async function openPipe(path: string): Promise<Writable> {
  const fd = await promisify(openWithCallback)(path, constants.O_WRONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: false, writable: true });
}
