import { parentPort } from 'node:worker_threads';
import { engineBackend } from './ipc/engine-backend.ts';
import { serve } from './ipc/rpc.ts';

if (parentPort === null) throw new Error('backend.js runs in a worker thread');
serve(parentPort, engineBackend({ allowFixed: false }));
