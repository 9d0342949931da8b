import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Backend } from './backend.ts';
import { connect, type Client } from './rpc.ts';

export interface BackendWorker {
  readonly backend: Backend;
  readonly stop: () => Promise<void>;
}

/** Milliseconds that a worker must have lived to be replaced. */
const RESTART_AFTER = 2000;

/**
 * V8 sizes the young generation of each thread for the whole machine, up to 48 MB of garbage; jobs
 * gain nothing from more than this.
 */
const YOUNG_GENERATION_MB = 24;

/** What Node says is the id of a thread that has ended. */
const ENDED = -1;

/** Milliseconds for jobs that still run to remove what is not complete, and for threads to end. */
const END_TIMEOUT_MS = 10_000;

/**
 * Starts the worker thread that does all the work. A worker that dies (out of memory, a defect) fails
 * what ran in it and is replaced, so that the window can say so and go on.
 */
export function startBackend(
  file: string,
  onDeath: (error: unknown) => void,
  onRestart: () => void,
): BackendWorker {
  let client: Client<Backend>;
  let worker: Worker;
  let stopped = false;

  const start = (): void => {
    const startedAt = performance.now();
    worker = new Worker(file, {
      name: 'backend',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    client = connect<Backend>(worker);
    const own = client;
    worker.on('error', (error) => {
      onDeath(error);
      own.fail(error instanceof Error ? error : new Error(String(error)));
    });
    worker.on('exit', (code) => {
      own.fail(new Error(`the worker ended with code ${code}`));
      // One that dies at once would die for ever.
      if (stopped || performance.now() - startedAt < RESTART_AFTER) return;
      start();
      onRestart();
    });
  };
  start();

  return {
    // Each call goes to the worker that lives at that time.
    backend: new Proxy({} as Backend, {
      get: (_target, method) => Reflect.get(client.api, method) as unknown,
    }),
    stop: async () => {
      stopped = true;
      if (worker.threadId === ENDED) return;
      const ended = once(worker, 'exit');
      client.end();
      // Termination is the last resort: it aborts the app when native code is under way.
      const late = setTimeout(() => void worker.terminate(), END_TIMEOUT_MS);
      await ended;
      clearTimeout(late);
    },
  };
}
