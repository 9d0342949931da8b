import { closeSync, fstatSync, openSync, readSync } from '../../files/files.ts';
import { builderError } from '../../../shared/errors.ts';
import { toInputError } from '../fs-error.ts';
import type { CompressedContainer, DecoderInput, DecoderOutput } from './decoder-io.ts';

const INPUT_CHUNK_BYTES = 1024 * 1024;

/**
 * What a compressed input may inflate to. Beyond the free allowance a ratio above the limit is taken
 * for a decompression bomb: real images stay below 10, and zeros in gzip reach 1,030.
 */
export const BOMB_ALLOWANCE_BYTES = 1024 * 1024 * 1024;
export const BOMB_RATIO = 500;

type Decoder = (input: DecoderInput, output: DecoderOutput) => void;

/** A thread loads the one that it needs. */
const DECODERS: Record<CompressedContainer, () => Promise<Decoder>> = {
  gzip: async () => (await import('./gzip.ts')).decodeGzip,
  zstd: async () => (await import('./zstd.ts')).decodeZstd,
  xz: async () => (await import('./xz.ts')).decodeXz,
  bzip2: async () => (await import('./bzip2.ts')).decodeBzip2,
};

/**
 * Decodes a whole file in this thread, which it keeps busy; never ends early in silence.
 * @param onConsumed gets how many bytes have been read, before more are and with all output. It may
 * throw to end the decoding: padding and empty frames, of any length, take no room of `output`.
 * @throws `archive-truncated`, `archive-corrupt`, `archive-trailing-garbage`, `archive-limit`.
 */
export async function decodeFile(
  path: string,
  container: CompressedContainer,
  output: DecoderOutput,
  onConsumed: (bytes: number) => void = () => undefined,
): Promise<void> {
  const decode = await DECODERS[container]();
  const input = openDecoderInput(path, onConsumed);
  try {
    let produced = 0;
    const guarded: DecoderOutput = {
      reserve: () => output.reserve(),
      advance(length) {
        produced += length;
        if (produced > BOMB_ALLOWANCE_BYTES && produced > input.size * BOMB_RATIO)
          throw builderError('archive-limit', {
            file: path,
            what: 'decompression-ratio',
            limit: BOMB_RATIO,
          });
        onConsumed(input.position);
        output.advance(length);
      },
    };
    decode(input, guarded);
  } finally {
    input.close();
  }
}

/** It, and all that reads from it, throws `input-not-found` or `input-unreadable`. */
function openDecoderInput(
  path: string,
  beforeRead: (position: number) => void,
): DecoderInput & { close(): void } {
  const attempt = <Result>(use: () => Result): Result => {
    try {
      return use();
    } catch (error) {
      throw toInputError(path, error);
    }
  };
  const fd = attempt(() => openSync(path, 'r'));
  const size = fstatSync(fd).size;
  const buffer = Buffer.allocUnsafeSlow(Math.min(INPUT_CHUNK_BYTES, Math.max(size, 1)));
  let position = 0;
  return {
    path,
    size,
    get position() {
      return position;
    },
    next() {
      beforeRead(position);
      const length = attempt(() => readSync(fd, buffer, 0, buffer.length, position));
      position += length;
      return buffer.subarray(0, length);
    },
    peek(offset, length) {
      beforeRead(position);
      const bytes = Buffer.alloc(length);
      return bytes.subarray(
        0,
        attempt(() => readSync(fd, bytes, 0, length, offset)),
      );
    },
    close: () => closeSync(fd),
  };
}
