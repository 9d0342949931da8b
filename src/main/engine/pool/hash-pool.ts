import { availableParallelism } from 'node:os';
import { toErrorData, BuilderError } from '../../../shared/errors.ts';
import {
  HASH_END,
  startWorker,
  type FileDigest,
  type EngineThread,
  type HashRequest,
  type HashResponse,
  type HashSegment,
  type WrongContent,
} from './worker-task.ts';

/** More than four threads gain nothing: one decoder or one stick feeds them all. */
const MOST_THREADS = Math.max(2, Math.min(4, availableParallelism()));

interface Thread extends EngineThread {
  /** Bytes handed over and not yet answered. */
  load: number;
}

/** What was found of the files that end in a window. */
export interface HashResult {
  /** Those whose content is not what their digest says. */
  readonly wrong: readonly WrongContent[];
  /** Of those whose digest was asked for. */
  readonly digests: readonly FileDigest[];
}

/** Segments that come one after another; of several streams each has files of its own. */
export interface HashStream {
  /**
   * Resolves when `window` is no longer needed. Rejects when a thread died, and with an input's error when
   * there was something to read. Segments of one file must be submitted in order; a file that spans windows
   * stays with the thread that began it.
   * @param inputs absolute paths that the sources of segments count.
   */
  submit(
    window: SharedArrayBuffer,
    segments: readonly HashSegment[],
    inputs?: readonly string[],
  ): Promise<HashResult>;
}

interface Pending {
  readonly thread: Thread;
  readonly bytes: number;
  readonly resolve: (result: HashResult) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Threads that hash file contents and compare them with their digests, for any number of streams at once.
 *
 * @example
 *   const stream = pool.openStream();
 *   const { wrong } = await stream.submit(window, segments);
 */
export class HashPool {
  readonly #stop = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  readonly #threads: Thread[] = [];
  readonly #pending = new Map<number, Pending>();
  #nextStream = 0;
  #nextId = 0;
  #failure: Error | null = null;

  /** A stream of segments; nothing has to be closed. */
  openStream(): HashStream {
    const stream = this.#nextStream++;
    /** The unfinished file and its thread. */
    let open: { fileIndex: number; thread: Thread } | null = null;
    return {
      submit: async (window, segments, inputs = []) => {
        const groups = new Map<Thread, HashSegment[]>();
        const spare = this.#spareThread();
        for (const segment of segments) {
          const thread = open?.fileIndex === segment.fileIndex ? open.thread : spare;
          open = segment.last ? null : { fileIndex: segment.fileIndex, thread };
          const group = groups.get(thread);
          if (group === undefined) groups.set(thread, [segment]);
          else group.push(segment);
        }
        const answers = await Promise.all(
          Array.from(groups, ([thread, group]) =>
            this.#send(thread, { stream, window, segments: group, inputs }),
          ),
        );
        return {
          wrong: answers.flatMap(({ wrong }) => wrong),
          digests: answers.flatMap(({ digests }) => digests),
        };
      },
    };
  }

  /** Drops what is not yet hashed and ends the threads; again, it does nothing. */
  async close(): Promise<void> {
    Atomics.store(new Int32Array(this.#stop), 0, 1);
    for (const { worker } of this.#threads) worker.postMessage(HASH_END);
    await Promise.all(this.#threads.map(({ ended }) => ended));
    this.#fail(new Error('the hash pool was closed'));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #send(thread: Thread, work: Omit<HashRequest, 'id'>): Promise<HashResult> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    const bytes = work.segments.reduce((sum, segment) => sum + segment.length, 0);
    thread.load += bytes;
    const answered = new Promise<HashResult>((resolve, reject) => {
      this.#pending.set(id, { thread, bytes, resolve, reject });
    });
    thread.worker.postMessage({ id, ...work } satisfies HashRequest);
    return answered;
  }

  #start(): Thread {
    const thread: Thread = { ...startWorker({ role: 'hash', stop: this.#stop }), load: 0 };
    thread.worker.on('message', ({ id, error, ...result }: HashResponse) => {
      const pending = this.#pending.get(id);
      this.#pending.delete(id);
      if (pending === undefined) return;
      thread.load -= pending.bytes;
      if (error === undefined) pending.resolve(result);
      else pending.reject(new BuilderError(error));
    });
    thread.worker.on('error', (error) => this.#fail(new BuilderError(toErrorData(error))));
    this.#threads.push(thread);
    return thread;
  }

  /** One without work. It is started when all others have some: what is refused at once, or small, needs none or one. */
  #spareThread(): Thread {
    const [first, ...others] = this.#threads;
    if (first === undefined) return this.#start();
    const best = others.reduce(
      (least, thread) => (thread.load < least.load ? thread : least),
      first,
    );
    return best.load > 0 && this.#threads.length < MOST_THREADS ? this.#start() : best;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    this.#pending.clear();
  }
}
