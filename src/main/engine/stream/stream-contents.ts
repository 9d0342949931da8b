import { createHash } from 'node:crypto';
import { HashPool, type HashResult } from '../pool/hash-pool.ts';
import type { FileDigest, HashSegment, WrongContent } from '../pool/worker-task.ts';
import type { ContentDigest } from '../content/digest.ts';
import type { ContentFile, FilledWindow } from '../content/segments.ts';
import { Pace, yieldToEventLoop } from '../event-loop.ts';

const NOTHING_TO_WAIT_FOR = Promise.resolve();

/** Where windows go besides the hash threads. */
export interface WindowConsumer {
  /**
   * Gets every window, in order and as soon as it comes. The window is given back when the promise that is
   * returned has settled. Rejecting ends the stream.
   * @param filled resolves when all bytes are in the window; never rejects.
   */
  give(window: FilledWindow, filled: Promise<void>): Promise<void>;
  /** Takes nothing more, drops what it has not begun with, and resolves when it is through; never rejects. */
  stop(): Promise<void>;
}

export interface StreamHooks {
  readonly consumer?: WindowConsumer | undefined;
  /** A file whose content is not what its digest says. May throw to end the stream. */
  readonly onWrong: (wrong: WrongContent) => void;
  /** Another digest of a file than its own. Default: its own. */
  readonly digestOf?: ((fileIndex: number) => ContentDigest) | undefined;
  /** false for a file of which no window comes. Default: all come. */
  readonly isExpected?: ((fileIndex: number) => boolean) | undefined;
  /** Gets the digest of the stored bytes of every file that is hashed. Default: none is reported. */
  readonly onDigest?: ((digest: FileDigest) => void) | undefined;
  readonly onProgress?: (bytes: number, files: number) => void;
  /** false: bytes are only handed on, and nothing is found wrong. Default: true. */
  readonly hash?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Threads that run already, and that the caller ends. By default some are started and ended. */
  readonly pool?: HashPool | undefined;
}

/**
 * Streams windows through the hash threads and, side by side, the consumer; resolves when every byte was
 * hashed and consumed. Rejects with what a source, the consumer or `onWrong` throws, or the signal's reason.
 * Memory is bounded by the source's ring, however slow the consumer is. A source begins when the one before
 * it is through.
 */
export async function streamContents(
  files: readonly ContentFile[],
  sources: Iterable<AsyncIterable<FilledWindow>>,
  hooks: StreamHooks,
): Promise<void> {
  let failure: unknown = null;
  const pool = hooks.pool ?? new HashPool();
  const stream = pool.openStream();
  const { hash = true, consumer, signal, onWrong, onDigest, isExpected } = hooks;
  const take = ({ wrong, digests }: HashResult): void => {
    wrong.forEach(onWrong);
    if (onDigest !== undefined) digests.forEach(onDigest);
  };
  // A consumer that is far behind may hold all windows: the source waits for them, and its end, too.
  const stopConsumer = (): void => void consumer?.stop();
  const fail = (error: unknown): void => {
    failure ??= error ?? new Error('unknown failure');
    stopConsumer();
  };
  signal?.addEventListener('abort', stopConsumer);
  const underWay = new Set<Promise<void>>();
  let missing = files.length;
  const toSegments = (window: FilledWindow): HashSegment[] => toHashSegments(window, files, hooks);
  const stopOnFailure = () => {
    signal?.throwIfAborted();
    // Only errors are ever put there.
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    if (failure !== null) throw failure;
  };
  try {
    const pace = new Pace();
    for (const [fileIndex, { size, contentDigest }] of files.entries()) {
      if (pace.isDue) await yieldToEventLoop(signal);
      if (isExpected?.(fileIndex) === false) {
        missing--;
        continue;
      }
      if (size > 0) continue;
      if (hash) proveEmpty(fileIndex, contentDigest, onWrong);
      missing--;
    }
    for (const source of sources) {
      for await (const window of source) {
        // What is not hashed may still have to be read.
        const answer =
          hash || window.inputs !== undefined
            ? stream.submit(window.memory, toSegments(window), window.inputs).then(take)
            : NOTHING_TO_WAIT_FOR;
        const hashed = answer.catch(fail);
        const filled = window.inputs === undefined ? NOTHING_TO_WAIT_FOR : hashed;
        const consumed = consumer?.give(window, filled).catch(fail);
        const through: Promise<void> = Promise.all([hashed, consumed]).then(() => {
          underWay.delete(through);
          window.release();
        });
        underWay.add(through);
        let finished = 0;
        let bytes = 0;
        for (const { fileIndex, from, length } of window.segments) {
          bytes += length;
          if (from + length === files[fileIndex]?.size) finished++;
        }
        missing -= finished;
        hooks.onProgress?.(bytes, finished);
        stopOnFailure();
        // A source whose windows are there already never waits.
        if (pace.isDue) await yieldToEventLoop(signal);
      }
      // The source's memory goes back only now, so its last windows must be through.
      await Promise.all(underWay);
      stopOnFailure();
    }
    // What never came was not checked either.
    if (missing !== 0) throw new Error(`${missing} files were not delivered`);
  } finally {
    signal?.removeEventListener('abort', stopConsumer);
    await consumer?.stop();
    if (hooks.pool === undefined) await pool.close();
  }
}

function toHashSegments(
  window: FilledWindow,
  files: readonly ContentFile[],
  { hash = true, digestOf, onDigest }: StreamHooks,
): HashSegment[] {
  const digest = hash && onDigest !== undefined ? 'stored' : undefined;
  return window.segments.map(({ fileIndex, from, start, length, source }) => {
    const planned = files[fileIndex];
    if (planned === undefined) throw new RangeError(`no file ${fileIndex}`);
    const last = from + length === planned.size;
    const contentDigest = hash ? (digestOf?.(fileIndex) ?? planned.contentDigest) : undefined;
    return {
      fileIndex,
      start,
      length,
      first: from === 0,
      last,
      contentDigest,
      digest,
      source,
    };
  });
}

const SHA256_OF_NOTHING = createHash('sha256').digest('hex');

/** No window ever carries an empty file. Nothing is no zstd frame. */
function proveEmpty(
  fileIndex: number,
  contentDigest: ContentFile['contentDigest'],
  onWrong: (wrong: WrongContent) => void,
): void {
  if (contentDigest.of === 'zstd') onWrong({ fileIndex, reason: 'it is empty' });
  else if (contentDigest.sha256 !== SHA256_OF_NOTHING)
    onWrong({ fileIndex, reason: 'its SHA-256 differs' });
}
