import { createHash, hash as hashOnce, type Hash } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import { newZstdContext, type ZstdContext } from '../codec/zstd-context.ts';
import { isZstd } from '../codec/zstd-frames.ts';
import { BuilderError, toErrorData } from '../../../shared/errors.ts';
import type { ContentDigest } from '../content/digest.ts';
import { SegmentReader } from './segment-reader.ts';
import {
  HASH_END,
  type FileDigest,
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

/** More than any stream has. */
const MAX_FILES = 2 ** 32;

/**
 * What is unpacked of a blob before it is known whether a list asks for it, in multiples of its size and at
 * least: more may be a decompression bomb that no list names. Such a blob is proved later, when its size is
 * known. Root filesystems compress to a tenth at most.
 */
const MAX_UNASKED_RATIO = 100;
const MIN_UNASKED_BYTES = 64 * 1024 * 1024;

/** Hashes files that arrive in segments, compares, and reports the digests that it found. */
export function runHashWorker(task: WorkerTask & { role: 'hash' }, port: MessagePort): void {
  const stop = new Int32Array(task.stop);
  const stopped = () => Atomics.load(stop, 0) !== 0;
  const open = new Map<number, FileHash>();
  const contexts: ZstdContext[] = [];
  const scratch = new Uint8Array(SCRATCH_BYTES);
  const reader = new SegmentReader();

  /** @returns what the file is when it ends with this segment. */
  const process = (stream: number, bytes: Uint8Array, segment: HashSegment): FileContent | null => {
    const { first, last, contentDigest, digest } = segment;
    const fileIndex = stream * MAX_FILES + segment.fileIndex;
    const unpacks =
      contentDigest === undefined
        ? digest === 'unpacked' && isZstd(bytes)
        : contentDigest.of === 'zstd';
    if (first && last && !unpacks) return { stored: hashOnce('sha256', bytes), unpacked: null };
    let state = open.get(fileIndex);
    if (state === undefined) {
      state = unpacks
        ? new ZstdHash(contexts.pop() ?? newZstdContext(), scratch, segment, stopped)
        : new PlainHash();
      open.set(fileIndex, state);
    }
    state.update(bytes);
    if (!last) return null;
    open.delete(fileIndex);
    const content = state.finish();
    if (state instanceof ZstdHash) {
      state.context.reset();
      contexts.push(state.context);
    }
    return content;
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
    const digests: FileDigest[] = [];
    try {
      for (const [bytes, segment] of reader.read(request)) {
        if (stopped()) return;
        const { fileIndex, contentDigest, digest } = segment;
        if (contentDigest === undefined && digest === undefined) continue;
        const content = process(request.stream, bytes, segment);
        if (content === null) continue;
        const reason = contentDigest === undefined ? null : compare(content, contentDigest);
        if (reason !== null) wrong.push({ fileIndex, reason });
        if (digest !== undefined) digests.push(toDigest(fileIndex, content));
      }
      // What was dropped half-way is not right.
      if (stopped()) return;
      port.postMessage({ id, wrong, digests } satisfies HashResponse);
    } catch (error) {
      // A defect of ours ends the thread, and with it every call.
      if (!(error instanceof BuilderError)) throw error;
      port.postMessage({ id, wrong, digests, error: toErrorData(error) } satisfies HashResponse);
    }
  });
}

/** What a file was found to be. */
interface FileContent {
  /** Lower-case hex SHA-256 of its bytes; null where nothing asks for it. */
  readonly stored: string | null;
  /** What it decompresses to, or why it does not; null of what is no zstd. */
  readonly unpacked: Unpacked | { readonly fault: string } | null;
}

interface Unpacked {
  readonly sha256: string;
  readonly size: number;
}

/** @returns null, or why the content is not what its digest says. */
function compare({ stored, unpacked }: FileContent, contentDigest: ContentDigest): string | null {
  if (contentDigest.of === 'plain')
    return stored === contentDigest.sha256 ? null : 'its SHA-256 differs';
  if (unpacked === null) return 'it is no zstd frame';
  if ('fault' in unpacked) return unpacked.fault;
  const { unpackedSize, storedSha256 } = contentDigest;
  if (unpackedSize !== undefined && unpackedSize !== unpacked.size)
    return `it unpacks to ${unpacked.size} bytes instead of ${unpackedSize}`;
  const isRight =
    unpacked.sha256 === contentDigest.sha256 &&
    (storedSha256 === undefined || stored === storedSha256);
  return isRight ? null : 'its SHA-256 differs';
}

function toDigest(fileIndex: number, { stored, unpacked }: FileContent): FileDigest {
  if (stored === null) throw new Error('a digest that was asked for is missing');
  return {
    fileIndex,
    stored,
    unpacked: unpacked === null || 'fault' in unpacked ? null : unpacked,
  };
}

interface FileHash {
  update(bytes: Uint8Array): void;
  finish(): FileContent;
}

class PlainHash implements FileHash {
  readonly #hash = createHash('sha256');

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  finish(): FileContent {
    return { stored: this.#hash.digest('hex'), unpacked: null };
  }
}

/** Hashes what a zstd file decompresses to, in bounded memory. */
class ZstdHash implements FileHash {
  readonly context: ZstdContext;
  readonly #scratch: Uint8Array;
  readonly #stopped: () => boolean;
  /** Of the zstd bytes themselves. */
  readonly #stored: Hash | null;
  /** Bytes that it may unpack to; `null`: by its own size. */
  readonly #limit: number | null;
  #hash: Hash | null = null;
  #read = 0;
  #unpacked = 0;
  /** 0 exactly between frames. */
  #pending = 0;
  /** A frame has ended; skippable and empty ones are frames, too. */
  #hasEnded = false;
  #fault: string | null = null;

  constructor(
    context: ZstdContext,
    scratch: Uint8Array,
    { contentDigest, digest }: Pick<HashSegment, 'contentDigest' | 'digest'>,
    stopped: () => boolean,
  ) {
    this.context = context;
    this.#scratch = scratch;
    this.#stopped = stopped;
    const wantsStored = digest !== undefined || contentDigest?.storedSha256 !== undefined;
    this.#stored = wantsStored ? createHash('sha256') : null;
    this.#limit =
      contentDigest === undefined ? null : (contentDigest.unpackedSize ?? MAX_UNPACKED_BYTES);
  }

  update(bytes: Uint8Array): void {
    this.#stored?.update(bytes);
    this.#read += bytes.length;
    if (this.#fault !== null) return;
    const limit = this.#limit ?? Math.max(MIN_UNASKED_BYTES, MAX_UNASKED_RATIO * this.#read);
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

  finish(): FileContent {
    return { stored: this.#stored?.digest('hex') ?? null, unpacked: this.#finishUnpacked() };
  }

  #finishUnpacked(): Unpacked | { readonly fault: string } {
    if (this.#fault !== null) return { fault: this.#fault };
    if (this.#pending !== 0) return { fault: 'its zstd frame is cut off' };
    const sha256 = (this.#hash ?? createHash('sha256')).digest('hex');
    return { sha256, size: this.#unpacked };
  }
}
