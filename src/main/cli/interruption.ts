import { constants } from 'node:os';

/** What tells a process that it is to end. */
export type Interrupters = Pick<NodeJS.Process, 'stdout' | 'stderr' | 'once' | 'kill' | 'pid'>;

export interface Interruption {
  readonly signal: AbortSignal;
  /** What to exit with after a command that ended with `exit`, when all its output has been written. */
  readonly exitCode: (exit: number) => Promise<number>;
}

/** What a command ends with that was cancelled: 128 + SIGINT, as shells have it. */
export const INTERRUPTED = 130;
/** A result that cannot be written, as to a full disk, is a failure. */
const UNWRITTEN = 1;
/** 128 + SIGPIPE: what shells say of a program whose reader left before it had said all. */
export const UNREAD = 141;

/** Ctrl-C, `kill`, a terminal that is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * A thread in a system call that never returns (a network filesystem whose server is gone) keeps a process
 * for ever, also from `process.exit`. Milliseconds that an interrupted process has for its threads to end.
 */
const LINGER = 2_000;

/**
 * Aborts when the person or the system wants an end, and when the reader of the output is gone, as in a
 * pipe to `head`: without a listener such a write ends the process at once, and what is half-made stays.
 * The first signal lets the job remove that; a second one ends the process.
 */
export function interruption(process: Interrupters): Interruption {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  let received: (typeof SIGNALS)[number] | null = null;
  for (const name of SIGNALS)
    process.once(name, () => {
      received ??= name;
      abort();
    });
  const streams = [process.stdout, process.stderr];
  const lost: NodeJS.ErrnoException[] = [];
  const lose = (error: NodeJS.ErrnoException): void => {
    lost.push(error);
    controller.abort(error);
  };
  for (const stream of streams) stream.on('error', lose);
  return {
    signal: controller.signal,
    exitCode: async (exit) => {
      const by = received;
      // The listener is used up, so that this one ends the process.
      if (by !== null) setTimeout(() => process.kill(process.pid, by), LINGER).unref();
      await Promise.all(streams.map(written));
      if (by !== null && exit === INTERRUPTED) return 128 + constants.signals[by];
      const [first] = lost;
      // What failed or was cancelled has said so by its code. A result that was not written must not look delivered.
      if (exit !== 0 || first === undefined) return exit;
      return first.code === 'EPIPE' ? UNREAD : UNWRITTEN;
    },
  };
}

/** Resolves when everything has been written or has failed, and the failure is handled. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // Only behind others: to a closed socket even nothing cannot be written.
    if (stream.writableLength > 0) stream.write('', () => setImmediate(resolve));
    else setImmediate(resolve);
  });
}
