import { createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { Channel } from '../../src/main/writer/channel.ts';

/**
 * The app's side of a channel in a thread that is blocked from the first frame on, until `blocked` is set.
 * Then it asks for a flush. Messages: `listening`, `blocks`.
 */
const { path, blocked } = workerData as { path: string; blocked: Int32Array };

createServer((socket) => {
  const channel = Channel.accept(socket, {
    onFrame({ type }) {
      if (type !== 'ready') return;
      parentPort?.postMessage('blocks');
      Atomics.wait(blocked, 0, 0);
      channel.send('flush', null);
    },
    onClose: (error) => parentPort?.postMessage(error?.message ?? 'closed'),
  });
  channel.trust();
}).listen(path, () => parentPort?.postMessage('listening'));
