import type { Worker } from 'node:worker_threads';
import { BuilderError, builderError } from '../../../shared/errors.ts';
import type { CompressedContainer } from '../codec/decoder-io.ts';
import { newRingMemory, WindowRing } from '../pool/window.ts';
import { startWorker, type DecodeMessage } from '../pool/worker-task.ts';
import type { Extent, FilledWindow, Segment } from '../content/segments.ts';

/** A window of the decoded stream. */
export interface DecodedWindow {
  readonly memory: SharedArrayBuffer;
  readonly length: number;
  /** Offset of the window's first byte in the decoded stream. */
  readonly offset: number;
  /** Bytes of the compressed file read so far. */
  readonly consumed: number;
  release(): void;
}

/**
 * Decodes a compressed file in a thread of its own. Every window must be released before the
 * stream can go round its ring. Leaving the loop ends the thread.
 */
export async function* decodeStream(
  path: string,
  container: CompressedContainer,
  signal?: AbortSignal,
): AsyncGenerator<DecodedWindow> {
  const memory = newRingMemory();
  const ring = new WindowRing(memory);
  const { worker, ended } = startWorker({ role: 'decode', path, container, ring: memory });
  try {
    let offset = 0;
    for await (const message of messages(worker, signal)) {
      if (message.kind === 'end') return;
      if (message.kind === 'error') throw new BuilderError(message.error);
      const { index, length, consumed } = message;
      const release = () => ring.release(index);
      yield { memory: ring.window(index), length, offset, consumed, release };
      offset += length;
    }
    // Whatever ended the thread, the stream has not ended.
    throw new Error('the decoder thread ended early');
  } finally {
    ring.close();
    await ended;
  }
}

/**
 * Delivers extents of a compressed file's decoded stream. Extents in ascending order take one pass;
 * each step back starts the decoder anew.
 */
export async function* readDecoded(
  path: string,
  container: CompressedContainer,
  extents: Iterable<Extent>,
  signal?: AbortSignal,
): AsyncGenerator<FilledWindow> {
  const upcoming = extents[Symbol.iterator]();
  const next = (): Extent | null => {
    const result = upcoming.next();
    return result.done === true ? null : result.value;
  };
  let extent = next();
  while (extent !== null) {
    let done = 0;
    let position = 0;
    for await (const window of decodeStream(path, container, signal)) {
      const end = window.offset + window.length;
      const segments: Segment[] = [];
      while (extent !== null) {
        const offset: number = extent.offset + done;
        if (offset < position || offset >= end) break;
        const length = Math.min(extent.length - done, end - offset);
        const start = offset - window.offset;
        segments.push({ fileIndex: extent.fileIndex, from: extent.from + done, start, length });
        position = offset + length;
        done += length;
        if (done < extent.length) break;
        done = 0;
        extent = next();
      }
      if (segments.length > 0)
        yield { memory: window.memory, segments, release: () => window.release() };
      else window.release();
      if (extent === null || (done === 0 && extent.offset < position)) break;
      position = Math.max(position, end);
    }
    // The stream ended before the extent: the file is not the one that was inspected.
    if (extent !== null && (done > 0 || extent.offset >= position))
      throw builderError('input-changed', { file: path });
  }
}

/** A worker's messages one by one, for as long as the caller wants them. */
async function* messages(worker: Worker, signal?: AbortSignal): AsyncGenerator<DecodeMessage> {
  const queue: DecodeMessage[] = [];
  const state: { failure: Error | null; exited: boolean } = { failure: null, exited: false };
  let wake = () => {};
  worker.on('message', (message: DecodeMessage) => {
    queue.push(message);
    wake();
  });
  worker.on('error', (error: Error) => {
    state.failure = error;
    wake();
  });
  worker.on('exit', () => {
    state.exited = true;
    wake();
  });
  const onAbort = () => {
    wake();
  };
  signal?.addEventListener('abort', onAbort);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const message = queue.shift();
      if (message !== undefined) yield message;
      else if (state.failure !== null) throw state.failure;
      else if (state.exited) throw new Error('the decode thread ended before its file did');
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
