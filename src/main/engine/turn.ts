import { setImmediate } from 'node:timers/promises';

/**
 * Lets the event loop turn, so that a cancel is heard in the middle of long reckoning.
 * Rejects with `AbortError` when it was.
 */
export async function turn(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate(undefined, signal === undefined ? {} : { signal });
}
