import { createHash, hash as hashOnce, type Hash } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import type { DCtx } from 'zstd-napi/binding';
import { newZstdContext, resetZstdContext } from '../codec/zstd.ts';
import { BuilderError, toErrorData } from '../../../shared/errors.ts';
import type { ContentProof } from '../content/digest.ts';
import { SegmentReader } from './segment-reader.ts';
import {
  HASH_END,
  type HashRequest,
  type HashResponse,
  type HashSegment,
  type WorkerTask,
  type WrongContent,
} from './worker-task.ts';

/** Output space for decompression; contents up to this size are hashed in one call. */
const SCRATCH_BYTES = 1024 * 1024;

/**
 * What a blob without a listed size may unpack to; more is taken for a decompression bomb. ext4 with
 * 4 KiB blocks holds files up to 16 TiB, but no file of a vehicle's root filesystem comes near this.
 */
const MAX_UNPACKED_BYTES = 256 * 1024 ** 3;

/** Hashes files that arrive in segments and compares them with their proofs. */
export function runHashWorker(task: WorkerTask & { role: 'hash' }, port: MessagePort): void {
  const stop = new Int32Array(task.stop);
  const stopped = () => Atomics.load(stop, 0) !== 0;
  const open = new Map<number, FileHash>();
  const contexts: DCtx[] = [];
  const scratch = new Uint8Array(SCRATCH_BYTES);
  const reader = new SegmentReader();

  const process = (bytes: Uint8Array, segment: HashSegment): string | null => {
    const { file, first, last, proof } = segment;
    if (proof === undefined) return null;
    if (first && last && proof.of === 'plain') return compare(hashOnce('sha256', bytes), proof);
    let state = open.get(file);
    if (state === undefined) {
      state =
        proof.of === 'zstd'
          ? new ZstdHash(contexts.pop() ?? newZstdContext(), scratch, proof, stopped)
          : new PlainHash(proof);
      open.set(file, state);
    }
    state.update(bytes);
    if (!last) return null;
    open.delete(file);
    const reason = state.finish();
    if (state instanceof ZstdHash) contexts.push(resetZstdContext(state.context));
    return reason;
  };

  port.on('message', (request: HashRequest | typeof HASH_END) => {
    if (request === HASH_END) {
      reader.close();
      port.close();
      return;
    }
    if (stopped()) return;
    const { id } = request;
    const wrong: WrongContent[] = [];
    try {
      for (const [bytes, segment] of reader.read(request)) {
        if (stopped()) return;
        const reason = process(bytes, segment);
        if (reason !== null) wrong.push({ file: segment.file, reason });
      }
      // What was dropped half-way is not right.
      if (stopped()) return;
      port.postMessage({ id, wrong } satisfies HashResponse);
    } catch (error) {
      // A defect of ours ends the thread, and with it every call.
      if (!(error instanceof BuilderError)) throw error;
      port.postMessage({ id, wrong, error: toErrorData(error) } satisfies HashResponse);
    }
  });
}

function compare(actual: string, proof: ContentProof): string | null {
  return actual === proof.sha256 ? null : 'its SHA-256 differs';
}

interface FileHash {
  update(bytes: Uint8Array): void;
  /** @returns null, or why the content is wrong. */
  finish(): string | null;
}

class PlainHash implements FileHash {
  readonly #proof: ContentProof;
  readonly #hash = createHash('sha256');

  constructor(proof: ContentProof) {
    this.#proof = proof;
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  finish(): string | null {
    return compare(this.#hash.digest('hex'), this.#proof);
  }
}

/** Hashes what a zstd file decompresses to, in bounded memory. */
class ZstdHash implements FileHash {
  readonly context: DCtx;
  readonly #scratch: Uint8Array;
  readonly #proof: ContentProof;
  readonly #stopped: () => boolean;
  /** Of the zstd bytes themselves. */
  readonly #stored: Hash | null;
  #hash: Hash | null = null;
  #unpacked = 0;
  /** 0 exactly between frames. */
  #pending = 0;
  /** A frame has ended; skippable and empty ones are frames, too. */
  #hasEnded = false;
  #fault: string | null = null;

  constructor(context: DCtx, scratch: Uint8Array, proof: ContentProof, stopped: () => boolean) {
    this.context = context;
    this.#scratch = scratch;
    this.#proof = proof;
    this.#stopped = stopped;
    this.#stored = proof.storedSha256 === undefined ? null : createHash('sha256');
  }

  update(bytes: Uint8Array): void {
    if (this.#fault !== null) return;
    this.#stored?.update(bytes);
    const limit = this.#proof.unpackedSize ?? MAX_UNPACKED_BYTES;
    try {
      let rest = bytes;
      let full = false;
      // A megabyte of zstd can hold gigabytes of zeros.
      while ((rest.length > 0 || full) && !this.#stopped()) {
        const [hint, written, read] = this.context.decompressStream(this.#scratch, rest);
        this.#pending = hint;
        rest = rest.subarray(read);
        // Clients take the first frame and no more: otaclient's downloader.py reads with python-zstandard's
        // read_to_iter, which ends there.
        if (written > 0 && this.#hasEnded) {
          this.#fault = 'it has content behind its first zstd frame, where clients end';
          return;
        }
        this.#hasEnded ||= hint === 0;
        // At the end of a frame nothing is left to flush, and a further call would await the next.
        full = written === this.#scratch.length && hint !== 0;
        this.#unpacked += written;
        (this.#hash ??= createHash('sha256')).update(this.#scratch.subarray(0, written));
        if (this.#unpacked > limit) {
          this.#fault = `it unpacks to more than ${limit} bytes`;
          return;
        }
      }
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
    }
  }

  finish(): string | null {
    if (this.#fault !== null) return this.#fault;
    if (this.#pending !== 0) return 'its zstd frame is cut off';
    const { unpackedSize } = this.#proof;
    if (unpackedSize !== undefined && unpackedSize !== this.#unpacked)
      return `it unpacks to ${this.#unpacked} bytes instead of ${unpackedSize}`;
    if (this.#stored !== null && this.#stored.digest('hex') !== this.#proof.storedSha256)
      return 'its SHA-256 differs';
    return compare((this.#hash ?? createHash('sha256')).digest('hex'), this.#proof);
  }
}
