import { Worker } from 'node:worker_threads';
import type * as WorkerTask from '../../src/main/engine/pool/worker-task.ts';

/** Threads of one role die at once, as when the system takes their memory. */
class FaultyThreads {
  role: 'hash' | 'decode' | null = null;
  /** Threads that still live. */
  spare = 0;
  struck = 0;
  #living: { readonly role: string; readonly worker: Worker }[] = [];

  arm(role: 'hash' | 'decode' | null, spare = 0): void {
    this.role = role;
    this.spare = spare;
    this.struck = 0;
    this.#living = [];
  }

  /** Ends the threads of a role that run already. */
  strike(role: 'hash' | 'decode'): void {
    // No message of ours: what takes it apart throws.
    for (const thread of this.#living) if (thread.role === role) thread.worker.postMessage(null);
  }

  /** For vi.mock of pool/worker-task.ts. */
  mock(real: typeof WorkerTask): typeof WorkerTask {
    return {
      ...real,
      startWorker: (task) => {
        if (task.role !== this.role || this.spare-- > 0) {
          const thread = real.startWorker(task);
          this.#living.push({ role: task.role, worker: thread.worker });
          return thread;
        }
        this.struck++;
        const worker = new Worker("throw new Error('the thread died')", { eval: true });
        const ended = new Promise<void>((resolve) => worker.on('exit', () => resolve()));
        return { worker, ended };
      },
    };
  }
}

export const faultyThreads = new FaultyThreads();
