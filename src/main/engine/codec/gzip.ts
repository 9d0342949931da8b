import { constants, createGunzip } from 'node:zlib';
import { builderError } from '../../../shared/errors.ts';
import { isZeros } from '../zeros.ts';
import type { DecoderInput, DecoderOutput } from './decoder-io.ts';
import { handleOf, type ZlibHandle } from './zlib-handle.ts';

/** Decodes one or more gzip members; only zero bytes may follow the last one (tape padding). */
export function decodeGzip(input: DecoderInput, output: DecoderOutput): void {
  const gunzip = new Gunzip();
  let consumed = 0;
  try {
    for (let more = true; more;) {
      const chunk = input.next();
      const read = inflate(gunzip, chunk, output);
      consumed += read;
      // Behind a whole member zlib stops at a zero byte.
      more = chunk.length > 0 && read === chunk.length;
    }
  } catch (error) {
    if (!(error instanceof ZlibError)) throw error;
    if (error.code === 'Z_BUF_ERROR')
      throw builderError('archive-truncated', { file: input.path }, error);
    // The file begins with the right bytes (that is how it was recognised), so this is about what
    // comes after a whole member.
    if (error.message === 'incorrect header check')
      throw builderError('archive-trailing-garbage', { file: input.path }, error);
    throw builderError('archive-corrupt', { file: input.path, reason: error.message }, error);
  } finally {
    gunzip.close();
  }
  assertPadding(input, consumed);
}

/** Inflates what `chunk` holds; an empty one is the end of the file. @returns bytes read of it. */
function inflate(gunzip: Gunzip, chunk: Uint8Array, output: DecoderOutput): number {
  for (let read = 0; ;) {
    const space = output.reserve();
    const step = gunzip.step(chunk.subarray(read), space, chunk.length === 0);
    read += step.read;
    output.advance(step.written);
    // With space left there was nothing more to be had.
    if (step.written < space.length) return read;
  }
}

/** zlib stops in silence at a zero byte behind a member, whatever comes after it. */
function assertPadding(input: DecoderInput, consumed: number): void {
  const CHUNK = 64 * 1024;
  for (let offset = consumed; offset < input.size; offset += CHUNK)
    if (!isZeros(input.peek(offset, Math.min(CHUNK, input.size - offset))))
      throw builderError('archive-trailing-garbage', { file: input.path });
}

class ZlibError extends Error {
  /** Name of a zlib status, such as `Z_DATA_ERROR`. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** zlib's inflate, in this thread and into memory of the caller's. */
class Gunzip {
  readonly #handle: ZlibHandle;
  /** Space and input that the last step left over. */
  readonly #left: Uint32Array;
  #error: ZlibError | null = null;

  constructor() {
    const { handle, left } = handleOf(createGunzip());
    this.#handle = handle;
    this.#left = left;
    this.#handle.onerror = (message, _errno, code) => {
      this.#error = new ZlibError(message, code);
    };
  }

  /** @param ended nothing follows `from`. @throws ZlibError */
  step(from: Uint8Array, to: Uint8Array, ended: boolean): { read: number; written: number } {
    const flush = ended ? constants.Z_FINISH : constants.Z_NO_FLUSH;
    this.#handle.writeSync(flush, from, 0, from.length, to, 0, to.length);
    if (this.#error !== null) throw this.#error;
    const [space = 0, input = 0] = this.#left;
    return { read: from.length - input, written: to.length - space };
  }

  close(): void {
    this.#handle.close();
  }
}
