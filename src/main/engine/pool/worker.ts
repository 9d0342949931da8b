import { parentPort, workerData } from 'node:worker_threads';
import { runHashWorker } from './hash-role.ts';
import type { WorkerTask } from './worker-task.ts';

// Entry of every engine thread; its task says what it does.
if (parentPort === null) throw new Error('worker.ts runs only as a worker thread');
const task = workerData as WorkerTask;
if (task.role === 'hash') {
  runHashWorker(task, parentPort);
} else {
  // Threads that hash need none of the codecs, and start sooner without.
  const { runDecodeWorker } = await import('./decode-role.ts');
  await runDecodeWorker(task, parentPort);
}
