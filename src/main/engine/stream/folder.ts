import { open } from '../../files/files.ts';
import { builderError } from '../../../shared/errors.ts';
import { newRingMemory, WINDOW_BYTES, WindowRing } from '../pool/window.ts';
import type { FilePath } from '../content/member-location.ts';
import { toInputError } from '../fs-error.ts';
import { pathText } from '../name-text.ts';
import type { FilledWindow, Segment } from '../content/segments.ts';
import { readAhead } from './read-ahead.ts';

export interface FolderFile {
  readonly fileIndex: number;
  /** Absolute. */
  readonly path: FilePath;
  readonly size: number;
}

/** Batches read ahead of the consumer: small files on a cold disk are slow one at a time. */
const BATCHES_AHEAD = 3;

interface Part extends Segment {
  readonly path: FilePath;
}

/** Reads whole files, several at once, packing small ones into shared windows. */
export async function* readFiles(
  files: Iterable<FolderFile>,
  signal?: AbortSignal,
): AsyncGenerator<FilledWindow> {
  const ring = new WindowRing(newRingMemory());
  const load = async (parts: readonly Part[]): Promise<FilledWindow> => {
    const index = await ring.take();
    const memory = ring.window(index);
    await Promise.all(parts.map((part) => readPart(part, memory)));
    return { memory, segments: parts, release: () => ring.release(index) };
  };
  yield* readAhead(toBatches(files), load, BATCHES_AHEAD, signal);
}

/** Files opened at once by one batch; far below the usual limit of 1,024 open files. */
const BATCH_FILES = 64;

function* toBatches(files: Iterable<FolderFile>): Generator<Part[]> {
  let batch: Part[] = [];
  let used = 0;
  for (const { fileIndex, path, size } of files) {
    for (let from = 0; from < size;) {
      if (used === WINDOW_BYTES || batch.length === BATCH_FILES) {
        yield batch;
        batch = [];
        used = 0;
      }
      const length = Math.min(size - from, WINDOW_BYTES - used);
      batch.push({ fileIndex, path, from, start: used, length });
      used += length;
      from += length;
    }
  }
  if (batch.length > 0) yield batch;
}

async function readPart(part: Part, memory: SharedArrayBuffer): Promise<void> {
  const into = new Uint8Array(memory, part.start, part.length);
  try {
    await using handle = await open(part.path, 'r');
    for (let done = 0; done < part.length;) {
      const { bytesRead } = await handle.read(into, done, part.length - done, part.from + done);
      if (bytesRead === 0) throw builderError('input-changed', { file: pathText(part.path) });
      done += bytesRead;
    }
  } catch (error) {
    throw toInputError(pathText(part.path), error);
  }
}
