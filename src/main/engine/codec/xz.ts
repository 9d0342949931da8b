import { Unxz, type NativeLZMA } from 'node-liblzma';
import { builderError } from '../../../shared/errors.ts';
import type { DecoderInput, DecoderOutput } from './decoder-io.ts';

/** Memory for the dictionary; `xz -9` needs 65 MiB. */
const XZ_MEMORY_LIMIT = 256 * 1024 * 1024;

// lzma_action and lzma_ret of liblzma's base.h.
const LZMA_RUN = 0;
const LZMA_FINISH = 3;
const LZMA_OK = 0;
const LZMA_STREAM_END = 1;
const LZMA_MEMLIMIT_ERROR = 6;
const LZMA_BUF_ERROR = 10;

/**
 * The library's stream takes a cut-off file for a whole one: it drops liblzma's last status. Its
 * native object tells it.
 */
class RawUnxz extends Unxz {
  declare protected readonly lzma: NativeLZMA;

  /** @returns status, bytes consumed, bytes produced. */
  step(action: number, from: Uint8Array, to: Uint8Array): [number, number, number] {
    const [status, unread, unused] = this.lzma.codeSync(
      action,
      asBuffer(from),
      0,
      from.length,
      asBuffer(to),
      0,
    );
    return [status, from.length - unread, to.length - unused];
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
}

/**
 * Decodes one or more xz streams with stream padding between them. What is neither is
 * `archive-corrupt`: liblzma does not tell garbage behind a stream from a damaged one.
 */
export function decodeXz(input: DecoderInput, output: DecoderOutput): void {
  const decoder = new RawUnxz({ memlimit: XZ_MEMORY_LIMIT });
  try {
    let chunk = input.next();
    for (;;) {
      const action = chunk.length === 0 ? LZMA_FINISH : LZMA_RUN;
      const space = output.reserve();
      const [status, read, written] = decoder.step(action, chunk, space);
      chunk = chunk.subarray(read);
      output.advance(written);
      if (status === LZMA_STREAM_END) return;
      // With nothing left to read, no progress means that the stream does not end.
      if (
        action === LZMA_FINISH &&
        (status === LZMA_BUF_ERROR || (status === LZMA_OK && written === 0))
      )
        throw builderError('archive-truncated', { file: input.path });
      if (status === LZMA_MEMLIMIT_ERROR)
        throw builderError('archive-needs-memory', { file: input.path, limit: XZ_MEMORY_LIMIT });
      if (status !== LZMA_OK && status !== LZMA_BUF_ERROR)
        throw builderError('archive-corrupt', { file: input.path, reason: `lzma_ret ${status}` });
      if (chunk.length === 0) chunk = input.next();
    }
  } finally {
    decoder.close();
  }
}
