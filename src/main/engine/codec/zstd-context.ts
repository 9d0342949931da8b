import { createRequire } from 'node:module';
import { constants, createZstdDecompress } from 'node:zlib';
import type * as Binding from 'zstd-napi/binding';
import { ZstdFrames } from './zstd-frames.ts';

/** 128 MiB, what `zstd --ultra -22` needs; a frame that asks for more memory is refused. */
export const MAX_ZSTD_WINDOW_LOG = 27;

/** Who decodes zstd: the native package, or Node itself where that could not be compiled (docs/adr/0007). */
export type ZstdBackEnd = 'zstd-napi' | 'node';

/** Decodes a sequence of frames and skippable frames, with our limit of memory. */
export interface ZstdContext {
  /**
   * Decodes what fits into `to`, and never beyond the end of a frame.
   *
   * @returns 0 exactly at the end of a frame of which all was written, else another number; bytes written and read.
   * @throws Error with the words of zstd.
   */
  decompressStream(to: Uint8Array, from: Uint8Array): readonly [number, number, number];
  /** Makes it ready for another input, whatever state an error left it in. */
  reset(): void;
}

const native = loadNative();

/** What decodes zstd in this process. `OFFLINE_OTA_ZSTD=node` asks for Node's, to tell a fault of one from one of both. */
export function zstdBackEnd(): ZstdBackEnd {
  return native === null || process.env['OFFLINE_OTA_ZSTD'] === 'node' ? 'node' : 'zstd-napi';
}

/** A context takes up to 128 MiB for its window, which the collector does not see: use it again. */
export function newZstdContext(): ZstdContext {
  return native === null || zstdBackEnd() === 'node'
    ? new NodeContext()
    : new NativeContext(native);
}

function loadNative(): typeof Binding | null {
  try {
    // The binding is CommonJS around a native module, so its names cannot be imported statically.
    return createRequire(import.meta.url)('zstd-napi/binding') as typeof Binding;
  } catch {
    return null;
  }
}

class NativeContext implements ZstdContext {
  readonly #zstd: typeof Binding;
  readonly #context: Binding.DCtx;

  constructor(zstd: typeof Binding) {
    this.#zstd = zstd;
    this.#context = new zstd.DCtx();
    this.#context.setParameter(zstd.DParameter.windowLogMax, MAX_ZSTD_WINDOW_LOG);
  }

  decompressStream(to: Uint8Array, from: Uint8Array): [number, number, number] {
    return this.#context.decompressStream(to, from);
  }

  reset(): void {
    this.#context.reset(this.#zstd.ResetDirective.sessionOnly);
  }
}

/** The handle behind the streams of node:zlib: docs/adr/0016. */
interface ZstdHandle {
  writeSync(
    flush: number,
    from: Uint8Array,
    fromOffset: number,
    fromLength: number,
    to: Uint8Array,
    toOffset: number,
    toLength: number,
  ): void;
  onerror: (message: string) => void;
  reset(): void;
}

/**
 * Node's zstd. Its stream drops all but the first frame, so its handle is used, which says how much it has read and
 * written, but not whether a frame has ended.
 */
class NodeContext implements ZstdContext {
  #handle: ZstdHandle;
  /** Space and input that the last step left over. */
  #left: Uint32Array;
  #frames = new ZstdFrames();
  #error: Error | null = null;

  constructor() {
    [this.#handle, this.#left] = this.#open();
  }

  #open(): [ZstdHandle, Uint32Array] {
    const params = { [constants.ZSTD_d_windowLogMax]: MAX_ZSTD_WINDOW_LOG };
    // The least that a stream may have: its own memory is not used.
    const stream = createZstdDecompress({ params, chunkSize: 64 }) as unknown as {
      _handle: ZstdHandle;
      _writeState: Uint32Array;
    };
    stream._handle.onerror = (message) => {
      this.#error = new Error(message);
    };
    return [stream._handle, stream._writeState];
  }

  decompressStream(to: Uint8Array, from: Uint8Array): [number, number, number] {
    this.#handle.writeSync(constants.ZSTD_e_continue, from, 0, from.length, to, 0, to.length);
    if (this.#error !== null) throw this.#error;
    const [space = 0, input = 0] = this.#left;
    const [written, read] = [to.length - space, from.length - input];
    this.#frames.push(from.subarray(0, read));
    // With no space left more of the frame may be waiting for it.
    return [this.#frames.isBetween && space > 0 ? 0 : 1, written, read];
  }

  reset(): void {
    // The handle keeps its error.
    if (this.#error === null) this.#handle.reset();
    else [this.#handle, this.#left] = this.#open();
    this.#error = null;
    this.#frames = new ZstdFrames();
  }
}
