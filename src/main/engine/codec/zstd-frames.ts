/** First bytes of a frame and of a skippable one, of which 16 kinds differ in the lowest four bits; little-endian. */
const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a5;

const MAGIC_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
const RLE_BLOCK = 1;
const CHECKSUM_BYTES = 4;
/** By the two highest bits of a frame's descriptor; the first is 1 where a single segment is said. */
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;

/** Whether bytes begin as a zstd frame or a skippable one (RFC 8878, 3.1). Three bytes and fewer are none. */
export function isZstd(bytes: Uint8Array): boolean {
  return bytes.length >= MAGIC_BYTES && isMagic(number(bytes.subarray(0, MAGIC_BYTES)));
}

type Part = 'magic' | 'skippable size' | 'descriptor' | 'header' | 'block header' | 'content';

/**
 * Says where zstd frames end, by their headers alone (RFC 8878, 3.1): a decoder that says only how much it has
 * read and written does not tell whether it waits for more. Judges nothing; that is the decoder's.
 */
export class ZstdFrames {
  #part: Part = 'magic';
  /** Bytes that the part still lacks. */
  #lacks = MAGIC_BYTES;
  /** What came of a part whose value counts; others are passed over. */
  readonly #value: number[] = [];
  #isLast = false;
  #checksumBytes = 0;

  /** All that came are whole frames, or nothing came. */
  get isBetween(): boolean {
    return this.#part === 'magic' && this.#lacks === MAGIC_BYTES;
  }

  /** Takes the next bytes of the frames. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const length = Math.min(this.#lacks, bytes.length - at);
      if (this.#part !== 'content' && this.#part !== 'header')
        this.#value.push(...bytes.subarray(at, at + length));
      at += length;
      this.#lacks -= length;
      // A part of no bytes ends at once.
      while (this.#lacks === 0)
        [this.#part, this.#lacks] = this.#after(number(this.#value.splice(0)));
    }
  }

  /** What follows a part of this value, and the bytes of it. */
  #after(value: number): [Part, number] {
    switch (this.#part) {
      case 'magic':
        return value === FRAME_MAGIC ? ['descriptor', 1] : ['skippable size', MAGIC_BYTES];
      case 'skippable size':
        this.#isLast = true;
        return ['content', value];
      case 'descriptor': {
        const isSingle = (value & 0x20) !== 0;
        const size = CONTENT_SIZE_BYTES[(value >> 6) as 0 | 1 | 2 | 3];
        const dictionary = DICTIONARY_ID_BYTES[(value & 3) as 0 | 1 | 2 | 3];
        this.#checksumBytes = value & 0x04 ? CHECKSUM_BYTES : 0;
        const window = isSingle ? 0 : 1;
        return ['header', window + dictionary + (size === 0 && isSingle ? 1 : size)];
      }
      case 'header':
        return ['block header', BLOCK_HEADER_BYTES];
      case 'block header': {
        this.#isLast = (value & 1) !== 0;
        const stored = ((value >> 1) & 3) === RLE_BLOCK ? 1 : value >> 3;
        return ['content', stored + (this.#isLast ? this.#checksumBytes : 0)];
      }
      case 'content':
        return this.#isLast ? ['magic', MAGIC_BYTES] : ['block header', BLOCK_HEADER_BYTES];
    }
  }
}

function isMagic(value: number): boolean {
  return value === FRAME_MAGIC || value >>> 4 === SKIPPABLE_MAGIC;
}

/** Of up to four bytes, little-endian and without a sign. */
function number(bytes: ArrayLike<number>): number {
  return Array.from(bytes).reduceRight((value, byte) => value * 256 + byte, 0);
}
