import type { JobContext } from './context.ts';

/** What a job says of its own end while it works. */
export interface JobOutcome {
  /**
   * Gives something its name. A cancel does not come in between: it comes before, and rejects this, or
   * after, when what was made is complete and stays.
   */
  commit<T>(work: () => Promise<T>): Promise<T>;
  /** Why the job fails, said before what is half-made is removed. */
  fail(error: unknown): void;
}

/**
 * Runs work that settles as soon as its outcome is known, whatever it still waits for: a removal of many
 * files, an fsync, a stalled drive, a password dialog. Upon a cancel that is in the same turn of the event
 * loop. Cleanup continues without reporting progress; `onCleanup` gets its end. Without `onCleanup`, it settles
 * after cleanup.
 */
export function settleEarly<
  T,
  Context extends Pick<
    JobContext,
    'signal' | 'onProgress' | 'onLaneProgress' | 'onOutcomes' | 'onCleanup'
  >,
>(context: Context, work: (context: Context, ending: JobOutcome) => Promise<T>): Promise<T> {
  const { signal, onProgress, onLaneProgress, onOutcomes, onCleanup } = context;
  const outcome = Promise.withResolvers<T>();
  let settled = false;
  /** How many outputs are being given their names. */
  let committing = 0;
  const ending: JobOutcome = {
    async commit(name) {
      signal.throwIfAborted();
      committing++;
      try {
        return await name();
      } finally {
        committing--;
      }
    },
    fail(error) {
      if (settled || onCleanup === undefined) return;
      settled = true;
      outcome.reject(error);
      onCleanup(ended);
    },
  };
  const unlessSettled =
    <Args extends unknown[]>(listener: (...args: Args) => void) =>
    (...args: Args): void => {
      if (!settled) listener(...args);
    };
  const quiet: Context = {
    ...context,
    onProgress: unlessSettled(onProgress),
    ...(onLaneProgress && { onLaneProgress: unlessSettled(onLaneProgress) }),
    ...(onOutcomes && { onOutcomes: unlessSettled(onOutcomes) }),
  };
  const onAbort = (): void => {
    if (committing === 0) ending.fail(signal.reason);
  };
  signal.addEventListener('abort', onAbort);
  const ended = Promise.resolve()
    .then(() => work(quiet, ending))
    .then(outcome.resolve, outcome.reject)
    .finally(() => signal.removeEventListener('abort', onAbort));
  return outcome.promise;
}
