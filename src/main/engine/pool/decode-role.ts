import type { MessagePort } from 'node:worker_threads';
import { toErrorData } from '../../../shared/errors.ts';
import { decodeFile } from '../codec/decoder.ts';
import type { DecoderOutput } from '../codec/decoder-io.ts';
import { RingClosed, WindowRing } from './window.ts';
import type { DecodeMessage, WorkerTask } from './worker-task.ts';

/** Decodes one file into the ring's windows, telling each that is full. Closing the ring ends it. */
export async function runDecodeWorker(
  task: WorkerTask & { role: 'decode' },
  port: MessagePort,
): Promise<void> {
  const tell = (message: DecodeMessage) => port.postMessage(message);
  const ring = new WindowRing(task.ring);
  let index = -1;
  let used = 0;
  let consumed = 0;

  const space = () => new Uint8Array(ring.window(index), used);
  const send = () => {
    tell({ kind: 'window', index, length: used, consumed });
    index = -1;
  };
  const output: DecoderOutput = {
    reserve() {
      if (index === -1) {
        index = ring.takeSync();
        used = 0;
      }
      return space();
    },
    advance(length) {
      used += length;
      if (index !== -1 && used === ring.window(index).byteLength) send();
    },
  };

  try {
    await decodeFile(task.path, task.container, output, (bytes) => {
      // Not only who takes a window hears of it: a file may go on for long and give nothing.
      if (ring.closed) throw new RingClosed();
      consumed = bytes;
    });
    if (index !== -1 && used > 0) send();
    tell({ kind: 'end' });
  } catch (error) {
    if (!(error instanceof RingClosed)) tell({ kind: 'error', error: toErrorData(error) });
  }
  port.close();
}
