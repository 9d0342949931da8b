/**
 * `filter_applied` of the resource table: how a resource is made from others (tier4/ota-image-libs,
 * resource table). A letter, a colon, and one MessagePack array.
 */
export type Filter =
  /** `length` bytes at `offset` of the resource `bundle`. */
  | {
      readonly kind: 'bundle';
      readonly bundle: bigint;
      readonly offset: bigint;
      readonly length: bigint;
    }
  /** What the zstd stream in the resource `target` decompresses to. */
  | { readonly kind: 'compressed'; readonly target: bigint }
  /** The resources joined in order. */
  | { readonly kind: 'slices'; readonly slices: readonly bigint[] };

/** A filter is understood to the last byte or not at all. */
export class FilterFault extends Error {}

const [BUNDLE, COMPRESSED, SLICES] = [0x62, 0x63, 0x73]; // b, c, s
const COLON = 0x3a;
/** MessagePack fixstr "zstd", the only compression there is. */
const ZSTD = Buffer.from('\u00a4zstd', 'latin1');

/**
 * @throws FilterFault for an unknown letter, other types, another number of elements, trailing bytes.
 */
export function parseFilter(bytes: Uint8Array): Filter {
  const reader = new MessagePackReader(bytes.subarray(2));
  if (bytes[1] !== COLON) throw new FilterFault('filter without a colon');
  const filter = parseOptions(bytes[0], reader);
  reader.end();
  return filter;
}

function parseOptions(letter: number | undefined, reader: MessagePackReader): Filter {
  switch (letter) {
    case BUNDLE:
      reader.arrayOf(3);
      return {
        kind: 'bundle',
        bundle: reader.unsigned(),
        offset: reader.unsigned(),
        length: reader.unsigned(),
      };
    case COMPRESSED: {
      reader.arrayOf(2);
      const target = reader.unsigned();
      reader.exactly(ZSTD);
      return { kind: 'compressed', target };
    }
    case SLICES: {
      const count = reader.array();
      if (count === 0) throw new FilterFault('no slices');
      return { kind: 'slices', slices: Array.from({ length: count }, () => reader.unsigned()) };
    }
    default:
      throw new FilterFault('unknown filter');
  }
}

/** The few MessagePack types that filters are made of. */
class MessagePackReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  arrayOf(count: number): void {
    if (this.array() !== count) throw new FilterFault('filter has another number of elements');
  }

  array(): number {
    const type = this.#take(1).readUInt8();
    const count = this.#arrayLength(type);
    // Every element takes at least one byte, so a huge count is refused before memory is.
    if (count > this.#bytes.length - this.#at) throw new FilterFault('filter is cut off');
    return count;
  }

  unsigned(): bigint {
    const type = this.#take(1).readUInt8();
    if (type <= 0x7f) return BigInt(type);
    switch (type) {
      case 0xcc:
        return BigInt(this.#take(1).readUInt8());
      case 0xcd:
        return BigInt(this.#take(2).readUInt16BE());
      case 0xce:
        return BigInt(this.#take(4).readUInt32BE());
      case 0xcf:
        return this.#take(8).readBigUInt64BE();
      default:
        throw new FilterFault('filter has something other than a number');
    }
  }

  exactly(expected: Uint8Array): void {
    if (!this.#take(expected.length).equals(expected)) throw new FilterFault('unknown compression');
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new FilterFault('filter has trailing bytes');
  }

  #arrayLength(type: number): number {
    if ((type & 0xf0) === 0x90) return type & 0x0f;
    if (type === 0xdc) return this.#take(2).readUInt16BE();
    if (type === 0xdd) return this.#take(4).readUInt32BE();
    throw new FilterFault('filter has no array');
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new FilterFault('filter is cut off');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
