import { createRequire } from 'node:module';
import { constants, createZstdDecompress } from 'node:zlib';
import type * as Binding from 'zstd-napi/binding';
import { handleOf } from './zlib-handle.ts';
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

/**
 * Node's zstd. Its stream drops all but the first frame, so its handle is used, which says how much it has read and
 * written, but not whether a frame has ended.
 */
class NodeContext implements ZstdContext {
  #open: ReturnType<typeof handleOf>;
  #frames = new ZstdFrames();
  #error: Error | null = null;

  constructor() {
    this.#open = this.#newHandle();
  }

  #newHandle(): ReturnType<typeof handleOf> {
    const params = { [constants.ZSTD_d_windowLogMax]: MAX_ZSTD_WINDOW_LOG };
    // The least that a stream may have: its own memory is not used.
    const open = handleOf(createZstdDecompress({ params, chunkSize: 64 }));
    open.handle.onerror = (message) => {
      this.#error = new Error(message);
    };
    return open;
  }

  decompressStream(to: Uint8Array, from: Uint8Array): [number, number, number] {
    const { handle, left } = this.#open;
    handle.writeSync(constants.ZSTD_e_continue, from, 0, from.length, to, 0, to.length);
    if (this.#error !== null) throw this.#error;
    const [space = 0, input = 0] = left;
    const [written, read] = [to.length - space, from.length - input];
    this.#frames.push(from.subarray(0, read));
    // With no space left more of the frame may be waiting for it.
    return [this.#frames.isBetween && space > 0 ? 0 : 1, written, read];
  }

  reset(): void {
    if (this.#error === null) this.#open.handle.reset();
    else {
      // It keeps its error. Closing gives back the memory of its window at once.
      this.#open.handle.close();
      this.#open = this.#newHandle();
    }
    this.#error = null;
    this.#frames = new ZstdFrames();
  }
}
