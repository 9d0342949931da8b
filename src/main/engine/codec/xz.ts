import { initModule } from 'node-liblzma/wasm';
import { builderError } from '../../../shared/errors.ts';
import type { DecoderInput, DecoderOutput } from './decoder-io.ts';

/** Memory for the dictionary; `xz -9` needs 65 MiB, and WebAssembly has 256 MiB here for all. */
const XZ_MEMORY_LIMIT = 192 * 1024 * 1024;

// lzma_action, lzma_ret and a flag of liblzma's base.h and container.h.
const LZMA_RUN = 0;
const LZMA_FINISH = 3;
const LZMA_OK = 0;
const LZMA_STREAM_END = 1;
const LZMA_MEM_ERROR = 5;
const LZMA_MEMLIMIT_ERROR = 6;
const LZMA_BUF_ERROR = 10;
const LZMA_CONCATENATED = 0x08;

/** Fields of `lzma_stream` where pointers and `size_t` have 32 bits, little-endian. */
const STREAM_BYTES = 96;
const NEXT_IN = 0;
const AVAIL_IN = 4;
const NEXT_OUT = 16;
const AVAIL_OUT = 20;

/** Bytes moved into and out of WebAssembly's memory at a time. */
const BUFFER_BYTES = 1024 * 1024;

const lzma = await initModule();

/** liblzma's decoder in WebAssembly, which needs no compiler and has no memory but its own (docs/adr/0007). */
class XzDecoder {
  readonly #stream = allocate(STREAM_BYTES);
  readonly #input = allocate(BUFFER_BYTES);
  readonly #output = allocate(BUFFER_BYTES);

  constructor() {
    lzma.HEAPU8.fill(0, this.#stream, this.#stream + STREAM_BYTES);
    const status = lzma._lzma_stream_decoder(
      this.#stream,
      BigInt(XZ_MEMORY_LIMIT),
      LZMA_CONCATENATED,
    );
    if (status !== LZMA_OK) throw new Error(`liblzma does not start: lzma_ret ${status}`);
  }

  /** @returns status, bytes consumed, bytes produced. */
  step(action: number, from: Uint8Array, to: Uint8Array): [number, number, number] {
    const input = Math.min(from.length, BUFFER_BYTES);
    const space = Math.min(to.length, BUFFER_BYTES);
    lzma.HEAPU8.set(from.subarray(0, input), this.#input);
    this.#set(NEXT_IN, this.#input);
    this.#set(AVAIL_IN, input);
    this.#set(NEXT_OUT, this.#output);
    this.#set(AVAIL_OUT, space);
    const status = lzma._lzma_code(this.#stream, action);
    const written = space - this.#get(AVAIL_OUT);
    to.set(lzma.HEAPU8.subarray(this.#output, this.#output + written));
    return [status, input - this.#get(AVAIL_IN), written];
  }

  close(): void {
    lzma._lzma_end(this.#stream);
    for (const pointer of [this.#stream, this.#input, this.#output]) lzma._free(pointer);
  }

  // The memory moves when it grows, so that no view of it may be kept.
  #set(field: number, value: number): void {
    lzma.setValue(this.#stream + field, value, 'i32');
  }
  #get(field: number): number {
    return lzma.getValue(this.#stream + field, 'i32');
  }
}

function allocate(bytes: number): number {
  const pointer = lzma._malloc(bytes);
  if (pointer === 0) throw new Error(`WebAssembly has no ${bytes} bytes`);
  return pointer;
}

/**
 * Decodes one or more xz streams with stream padding between them. What is neither is
 * `archive-corrupt`: liblzma does not tell garbage behind a stream from a damaged one.
 */
export function decodeXz(input: DecoderInput, output: DecoderOutput): void {
  const decoder = new XzDecoder();
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
      if (status === LZMA_MEMLIMIT_ERROR || status === LZMA_MEM_ERROR)
        throw builderError('archive-needs-memory', { file: input.path, limit: XZ_MEMORY_LIMIT });
      if (status !== LZMA_OK && status !== LZMA_BUF_ERROR)
        throw builderError('archive-corrupt', { file: input.path, reason: `lzma_ret ${status}` });
      if (chunk.length === 0) chunk = input.next();
    }
  } finally {
    decoder.close();
  }
}
