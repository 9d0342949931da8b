import Bunzip from 'seek-bzip';
import { BuilderError, builderError } from '../../../shared/errors.ts';
import type { DecoderInput, DecoderOutput } from './decoder-io.ts';

/** Decodes one or more bzip2 streams. Slow (pure JavaScript); the format is rare. */
export function decodeBzip2(input: DecoderInput, output: DecoderOutput): void {
  const source = new ByteSource(input);
  const sink = new ByteSink(output);
  try {
    Bunzip.decode(source, sink, true);
  } catch (error) {
    if (error instanceof BuilderError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    // The file begins with the right bytes (that is how it was recognised), so this is about what
    // comes after a whole stream.
    if (reason.includes('bad magic'))
      throw builderError('archive-trailing-garbage', { file: input.path }, error);
    throw builderError('archive-corrupt', { file: input.path, reason }, error);
  }
  sink.finish();
  if (!endsWithFooter(input)) throw builderError('archive-truncated', { file: input.path });
}

/**
 * The library takes an end of input between two blocks for the end of the stream. A whole file ends
 * with the 48-bit footer magic and a 32-bit checksum at some bit position, padded to a byte.
 */
function endsWithFooter(input: DecoderInput): boolean {
  const FOOTER = 0x177245385090n;
  const tail = input.peek(Math.max(0, input.size - 11), 11);
  let bits = 0n;
  for (const byte of tail) bits = (bits << 8n) | BigInt(byte);
  for (let padding = 0n; padding < 8n; padding++)
    if (((bits >> (padding + 32n)) & 0xffff_ffff_ffffn) === FOOTER) return true;
  return false;
}

class ByteSource {
  readonly #input: DecoderInput;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(input: DecoderInput) {
    this.#input = input;
  }

  /** The library would read an end of input as bits of -1. */
  readByte(): number {
    if (this.eof()) throw builderError('archive-truncated', { file: this.#input.path });
    return this.#chunk[this.#at++] ?? 0;
  }

  read(buffer: Uint8Array, offset: number, length: number): number {
    let done = 0;
    while (done < length && !this.eof()) buffer[offset + done++] = this.readByte();
    return done;
  }

  eof(): boolean {
    if (this.#at === this.#chunk.length) {
      this.#chunk = this.#input.next();
      this.#at = 0;
    }
    return this.#chunk.length === 0;
  }
}

class ByteSink {
  readonly #output: DecoderOutput;
  #space: Uint8Array = new Uint8Array(0);
  #used = 0;

  constructor(output: DecoderOutput) {
    this.#output = output;
  }

  writeByte(byte: number): void {
    if (this.#used === this.#space.length) {
      this.finish();
      this.#space = this.#output.reserve();
    }
    this.#space[this.#used++] = byte;
  }

  finish(): void {
    if (this.#used > 0) this.#output.advance(this.#used);
    this.#space = new Uint8Array(0);
    this.#used = 0;
  }
}
