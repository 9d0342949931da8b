import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { builderError } from '../../../shared/errors.ts';
import type { DecoderInput, DecoderOutput } from './decoder.ts';

/** With the default of 16 KiB, inflate is half as fast. */
const OUTPUT_CHUNK_BYTES = 1024 * 1024;

/** Decodes one or more gzip members; only zero bytes may follow the last one (tape padding). */
export async function decodeGzip(input: DecoderInput, output: DecoderOutput): Promise<void> {
  const gunzip = createGunzip({ chunkSize: OUTPUT_CHUNK_BYTES });
  const source = Readable.from(copies(input), { highWaterMark: 1 });
  source.on('error', (error) => gunzip.destroy(error)).pipe(gunzip);
  try {
    for await (const chunk of gunzip) await copyOut(chunk as Buffer, output);
  } catch (error) {
    if (!isZlibError(error)) throw error;
    if (error.code === 'Z_BUF_ERROR')
      throw builderError('archive-truncated', { file: input.path }, error);
    // The file begins with the right bytes (that is how it was recognised), so this is about what
    // stands behind a whole member.
    if (error.message === 'incorrect header check')
      throw builderError('archive-trailing-garbage', { file: input.path }, error);
    throw builderError('archive-corrupt', { file: input.path, reason: error.message }, error);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
  checkPadding(input, gunzip.bytesWritten);
}

/** zlib reads in another thread and the input's memory is reused, hence the copies. */
function* copies(input: DecoderInput): Generator<Buffer> {
  for (let chunk = input.next(); chunk.length > 0; chunk = input.next()) yield Buffer.from(chunk);
}

async function copyOut(chunk: Buffer, output: DecoderOutput): Promise<void> {
  for (let rest = chunk; rest.length > 0;) {
    const space = await output.reserve();
    const length = Math.min(space.length, rest.length);
    space.set(rest.subarray(0, length));
    output.advance(length);
    rest = rest.subarray(length);
  }
}

/** zlib stops in silence at a zero byte behind a member, whatever comes after it. */
function checkPadding(input: DecoderInput, consumed: number): void {
  const CHUNK = 64 * 1024;
  for (let offset = consumed; offset < input.size; offset += CHUNK)
    if (input.peek(offset, Math.min(CHUNK, input.size - offset)).some((byte) => byte !== 0))
      throw builderError('archive-trailing-garbage', { file: input.path });
}

function isZlibError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
