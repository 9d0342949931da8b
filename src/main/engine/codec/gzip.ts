import { once } from 'node:events';
import { createGunzip } from 'node:zlib';
import { builderError } from '../../../shared/errors.ts';
import type { DecoderInput, DecoderOutput } from './decoder.ts';

/** With the default of 16 KiB, inflate is half as fast. */
const OUTPUT_CHUNK_BYTES = 1024 * 1024;

/** Decodes one or more gzip members; only zero bytes may follow the last one (tape padding). */
export async function decodeGzip(input: DecoderInput, output: DecoderOutput): Promise<void> {
  const gunzip = createGunzip({ chunkSize: OUTPUT_CHUNK_BYTES });
  const feeding = feed(input, gunzip);
  try {
    for await (const chunk of gunzip) await copyOut(chunk as Buffer, output);
    await feeding;
  } catch (error) {
    if (!isZlibError(error)) throw error;
    if (error.code === 'Z_BUF_ERROR')
      throw builderError('archive-truncated', { file: input.path }, error);
    // "incorrect header check" after a whole member is what garbage behind it looks like.
    if (error.message === 'incorrect header check' && gunzip.bytesWritten > 0)
      throw builderError('archive-trailing-garbage', { file: input.path }, error);
    throw builderError('archive-corrupt', { file: input.path, reason: error.message }, error);
  } finally {
    gunzip.destroy();
    await feeding.catch(() => undefined);
  }
  checkPadding(input, gunzip.bytesWritten);
}

async function feed(input: DecoderInput, gunzip: ReturnType<typeof createGunzip>): Promise<void> {
  for (let chunk = input.next(); chunk.length > 0; chunk = input.next()) {
    // zlib reads asynchronously and the input's memory is reused, hence the copy.
    if (!gunzip.writable) return;
    if (!gunzip.write(Buffer.from(chunk)))
      await Promise.race([once(gunzip, 'drain'), once(gunzip, 'close')]);
  }
  gunzip.end();
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
