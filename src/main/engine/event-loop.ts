import { setImmediate } from 'node:timers/promises';

/**
 * Long work that can be interrupted: it yields often, every {@link STEP_ITEMS} items or so.
 * {@link runYielding} runs it where something else may need the thread, {@link atOnce} where nothing does.
 */
export type Steps<T> = Generator<undefined, T>;

/** Items between two steps: a few milliseconds on a slow core, where an item takes microseconds. */
export const STEP_ITEMS = 1024;

/**
 * Milliseconds after which the event loop has its turn. Measured by the clock and not in processor time:
 * what waits for the thread waits by the clock, too.
 */
const YIELD_AFTER_MS = 10;

/** Says when the event loop must have its turn. Awaiting a promise that is settled gives it none. */
export class Pace {
  #began = performance.now();

  /** True when a turn is due; then `await turn(signal)`. To be asked every few milliseconds. */
  get isDue(): boolean {
    const now = performance.now();
    if (now - this.#began < YIELD_AFTER_MS) return false;
    this.#began = now;
    return true;
  }
}

/** Runs steps and gives the event loop its turns in between. Rejects with `AbortError` upon a cancel. */
export async function runYielding<T>(steps: Steps<T>, signal: AbortSignal | undefined): Promise<T> {
  const pace = new Pace();
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    if (pace.isDue) await yieldToEventLoop(signal);
  }
}

/** Runs steps without a pause. */
export function atOnce<T>(steps: Steps<T>): T {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

/**
 * Lets the event loop turn, so that timers, sockets and a cancel get through in the middle of long work.
 * Rejects with `AbortError` upon a cancel.
 */
export async function yieldToEventLoop(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate(undefined, signal === undefined ? {} : { signal });
}
