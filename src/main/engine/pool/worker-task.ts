import { Worker } from 'node:worker_threads';
import type { ErrorData } from '../../../shared/errors.ts';
import type { ContentDigest } from '../content/digest.ts';
import type { CompressedContainer } from '../codec/decoder-io.ts';
import type { SegmentSource } from '../content/segments.ts';
import type { RingMemory } from './window.ts';

export type WorkerTask =
  | {
      readonly role: 'hash';
      /** One Int32, not 0 when all that is still to do is to be dropped. */
      readonly stop: SharedArrayBuffer;
    }
  | {
      readonly role: 'decode';
      readonly path: string;
      readonly container: CompressedContainer;
      readonly ring: RingMemory;
    };

/** What a decode worker tells. `consumed`: bytes of the compressed file read so far. */
export type DecodeMessage =
  | {
      readonly kind: 'window';
      readonly index: number;
      readonly length: number;
      readonly consumed: number;
    }
  | { readonly kind: 'end' }
  | { readonly kind: 'error'; readonly error: ErrorData };

/**
 * `stored`: of the bytes themselves. `unpacked`: also of what they decompress to, where they begin as a zstd
 * frame does.
 */
export type DigestKind = 'stored' | 'unpacked';

/** What the content of a file is, whatever it should be. */
export interface FileDigest {
  readonly fileIndex: number;
  /** Lower-case hex SHA-256 of the bytes themselves. */
  readonly stored: string;
  /** Of what they decompress to; null where that was not asked for, or is not known. */
  readonly unpacked: { readonly sha256: string; readonly size: number } | null;
}

/** A run of bytes of one file within a window. */
export interface HashSegment {
  /** Any number that is the same for all segments of one file. */
  readonly fileIndex: number;
  readonly start: number;
  readonly length: number;
  readonly first: boolean;
  readonly last: boolean;
  /** What the content is compared with; undefined: with nothing. */
  readonly contentDigest: ContentDigest | undefined;
  /** The digests that are to be reported; undefined: none. */
  readonly digest?: DigestKind | undefined;
  /** Where the bytes are to be read from first; undefined: they are in the window. */
  readonly source?: SegmentSource | undefined;
}

export interface HashRequest {
  readonly id: number;
  /** Tells apart files of the same number. */
  readonly stream: number;
  readonly window: SharedArrayBuffer;
  readonly segments: readonly HashSegment[];
  /** What the sources of segments count. */
  readonly inputs: readonly string[];
}

export interface WrongContent {
  readonly fileIndex: number;
  readonly reason: string;
}

export interface HashResponse {
  readonly id: number;
  /** Files whose content is not what their digest says, with the reason. */
  readonly wrong: readonly WrongContent[];
  /** Of the files that end in the window and of which a digest was asked for. */
  readonly digests: readonly FileDigest[];
  /** An input could not be read. */
  readonly error?: ErrorData;
}

/**
 * Engine threads keep their data outside the heap. Without limits V8 sizes each young generation for
 * the whole machine, and four threads would hold 100 MB of garbage.
 */
const HEAP_LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 256 };

/** The last message to a hash thread. */
export const HASH_END = 'end';

export interface EngineThread {
  readonly worker: Worker;
  /** Resolves when the thread has ended, however it did. */
  readonly ended: Promise<void>;
}

/**
 * Starts an engine thread. It must be asked to end (by its ring or by {@link HASH_END}) and is never
 * terminated: native code that is in the middle of something then cannot make its result, throws,
 * cannot throw either, and aborts the whole process ("napi_throw"). From source the entry is TypeScript,
 * in the bundle it is beside this file.
 */
export function startWorker(task: WorkerTask): EngineThread {
  const entry = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  const worker = new Worker(new URL(entry, import.meta.url), {
    workerData: task,
    resourceLimits: HEAP_LIMITS,
  });
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', () => resolve());
  });
  return { worker, ended };
}
