/** What tells a process that it is to end. */
export type Interrupters = Pick<NodeJS.Process, 'stdout' | 'stderr' | 'once'>;

/**
 * Aborts when the person or the system wants an end, and when nobody reads any more what is told, as in a
 * pipe to `head`: without a listener such a write ends the process at once, and what is half-made stays.
 * The first signal lets the job remove that; a second one ends the process.
 */
export function interruption(process: Interrupters): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', abort);
  return controller.signal;
}
