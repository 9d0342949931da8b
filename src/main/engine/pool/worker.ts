import { parentPort, workerData } from 'node:worker_threads';
import { runDecodeWorker } from './decode-role.ts';
import { runHashWorker } from './hash-role.ts';
import type { WorkerTask } from './worker-task.ts';

// Entry of every engine thread; what it does stands in its task.
if (parentPort === null) throw new Error('worker.ts runs only as a worker thread');
const task = workerData as WorkerTask;
if (task.role === 'decode') runDecodeWorker(task, parentPort);
else runHashWorker(task, parentPort);
