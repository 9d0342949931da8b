import { Worker } from 'node:worker_threads';
import type * as WorkerTask from '../../src/main/engine/pool/worker-task.ts';

/** Threads of one role die at once, as when the system takes their memory. */
class FaultyThreads {
  role: 'hash' | 'decode' | null = null;
  /** Threads that still live. */
  spare = 0;
  struck = 0;

  arm(role: 'hash' | 'decode' | null, spare = 0): void {
    this.role = role;
    this.spare = spare;
    this.struck = 0;
  }

  /** For vi.mock of pool/worker-task.ts. */
  mock(real: typeof WorkerTask): typeof WorkerTask {
    return {
      ...real,
      startWorker: (task) => {
        if (task.role !== this.role || this.spare-- > 0) return real.startWorker(task);
        this.struck++;
        const worker = new Worker("throw new Error('the thread died')", { eval: true });
        const ended = new Promise<void>((resolve) => worker.on('exit', () => resolve()));
        return { worker, ended };
      },
    };
  }
}

export const faultyThreads = new FaultyThreads();
