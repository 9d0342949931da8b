import { newZstdContext, type ZstdContext } from '../../codec/zstd-context.ts';

const OUTPUT_BYTES = 1024 * 1024;

/** What decompressing takes: a context, whose window has up to 128 MiB that the collector does not see, and room. */
interface Workplace {
  readonly context: ZstdContext;
  readonly output: Uint8Array<ArrayBuffer>;
}

/** One that is not in use, so that thousands of inputs one after another need the memory of one. */
let idle: Workplace | null = null;

function takeWorkplace(): Workplace {
  const workplace = idle ?? { context: newZstdContext(), output: new Uint8Array(OUTPUT_BYTES) };
  idle = null;
  return workplace;
}

function giveBackWorkplace(workplace: Workplace): void {
  workplace.context.reset();
  idle = workplace;
}

/** Not zstd, cut off, or larger than it may be. */
export class ZstdFault extends Error {}

/**
 * Decompresses zstd frames piece by piece and never beyond a limit, whatever the frames promise.
 * Memory: one output buffer and the window, which the next one gets when this one is disposed of.
 */
export class Unzstd implements Disposable {
  readonly #workplace = takeWorkplace();
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
    const { output } = this.#workplace;
    let rest = input;
    let full = false;
    while (rest.length > 0 || full) {
      const [pending, written, read] = this.#step(rest);
      this.#pending = pending;
      rest = rest.subarray(read);
      // At the end of a frame nothing is left to flush, and a further call would await the next one.
      full = written === output.length && pending !== 0;
      this.#total += written;
      if (this.#total > this.#limit) throw new ZstdFault(`larger than ${this.#limit} bytes`);
      if (written > 0) yield output.subarray(0, written);
    }
  }

  /** To be called at the end of the input. @throws ZstdFault where a frame is not complete. */
  end(): void {
    if (this.#pending !== 0) throw new ZstdFault('cut off');
  }

  [Symbol.dispose](): void {
    giveBackWorkplace(this.#workplace);
  }

  #step(input: Uint8Array): readonly [number, number, number] {
    try {
      const { context, output } = this.#workplace;
      return context.decompressStream(output, input);
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
