import { newZstdContext, type ZstdContext } from '../../codec/zstd-context.ts';

const OUTPUT_BYTES = 1024 * 1024;

/** An unused context; the collector does not see the memory of its window, up to 128 MiB. */
let idle: ZstdContext | null = null;

/** A context for a moment; {@link giveBackContext} it, so that thousands of inputs need one window. */
function takeContext(): ZstdContext {
  const context = idle ?? newZstdContext();
  idle = null;
  return context;
}

function giveBackContext(context: ZstdContext): void {
  context.reset();
  idle = context;
}

/** Not zstd, cut off, or larger than it may be. */
export class ZstdFault extends Error {}

/**
 * Decompresses zstd frames piece by piece and never beyond a limit, whatever the frames promise.
 * Memory: one output buffer and the window, which the next one gets when this one is disposed of.
 */
export class Unzstd implements Disposable {
  readonly #context = takeContext();
  readonly #output = new Uint8Array(OUTPUT_BYTES);
  readonly #limit: number;
  #total = 0;
  /** What zstd still waits for; 0 exactly at the end of a frame, -1 before the first. */
  #pending = -1;

  /** @param limit bytes of output. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Output for the next piece of input. Its memory is reused: use each before taking the next.
   * @throws ZstdFault
   */
  *push(input: Uint8Array): Generator<Uint8Array> {
    let rest = input;
    let full = false;
    while (rest.length > 0 || full) {
      const [pending, written, read] = this.#step(rest);
      this.#pending = pending;
      rest = rest.subarray(read);
      // At the end of a frame nothing is left to flush, and a further call would await the next one.
      full = written === this.#output.length && pending !== 0;
      this.#total += written;
      if (this.#total > this.#limit) throw new ZstdFault(`larger than ${this.#limit} bytes`);
      if (written > 0) yield this.#output.subarray(0, written);
    }
  }

  /** To be called at the end of the input. @throws ZstdFault where a frame is not complete. */
  end(): void {
    if (this.#pending !== 0) throw new ZstdFault('cut off');
  }

  [Symbol.dispose](): void {
    giveBackContext(this.#context);
  }

  #step(input: Uint8Array): readonly [number, number, number] {
    try {
      return this.#context.decompressStream(this.#output, input);
    } catch (error) {
      throw new ZstdFault(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }
}

/** All of a compressed buffer. @throws ZstdFault */
export function unzstd(bytes: Uint8Array, limit: number): Uint8Array {
  using decoder = new Unzstd(limit);
  const pieces = Array.from(decoder.push(bytes), (piece) => piece.slice());
  decoder.end();
  return Buffer.concat(pieces);
}
