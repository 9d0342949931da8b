import { hash } from 'node:crypto';

/** What a name leads to. */
export interface NamedBlob {
  /** Lower-case hex SHA-256 of the content, unpacked. */
  readonly sha256: string;
  /** Bytes of the content, unpacked; null where nothing tells it. */
  readonly size: number | null;
}

/** Half of a SHA-256: two names with the same one cannot be found. */
const KEY_BYTES = 16;
const DIGEST_BYTES = 32;
const SIZE_BYTES = 6;
const RECORD_BYTES = KEY_BYTES + DIGEST_BYTES + SIZE_BYTES;
/** In the place of a size that is not known: no file has as many bytes. */
const UNKNOWN_SIZE = 2 ** 48 - 1;
const FIRST_CAPACITY = 1024;

/**
 * Names and their blobs, in 70 bytes each: an image has 300,000 names of a hundred bytes and more, and as
 * objects of JavaScript they would take several times as much. The names themselves are not kept, only their hashes.
 * An open-addressing hash table with linear probing.
 */
export class NameTable {
  #records = Buffer.alloc(FIRST_CAPACITY * RECORD_BYTES);
  /** Number of a record plus one by the hash of its key; 0: empty. At most half of it is used. */
  #slots = new Uint32Array(FIRST_CAPACITY * 2);
  #count = 0;

  get size(): number {
    return this.#count;
  }

  /** Of equal names the last one counts. */
  set(name: string, { sha256, size }: NamedBlob): void {
    const key = keyOf(name);
    const slot = this.#find(key);
    let record = this.#slots[slot] ?? 0;
    if (record === 0) {
      if (this.#count * RECORD_BYTES === this.#records.length) {
        this.#grow();
        this.set(name, { sha256, size });
        return;
      }
      record = ++this.#count;
      this.#slots[slot] = record;
    }
    const at = (record - 1) * RECORD_BYTES;
    key.copy(this.#records, at, 0, KEY_BYTES);
    this.#records.write(sha256, at + KEY_BYTES, 'hex');
    this.#records.writeUIntBE(size ?? UNKNOWN_SIZE, at + KEY_BYTES + DIGEST_BYTES, SIZE_BYTES);
  }

  get(name: string): NamedBlob | null {
    const record = this.#slots[this.#find(keyOf(name))] ?? 0;
    if (record === 0) return null;
    const at = (record - 1) * RECORD_BYTES + KEY_BYTES;
    const size = this.#records.readUIntBE(at + DIGEST_BYTES, SIZE_BYTES);
    return {
      sha256: this.#records.toString('hex', at, at + DIGEST_BYTES),
      size: size === UNKNOWN_SIZE ? null : size,
    };
  }

  /** The slot of a key, or the empty one where it belongs. */
  #find(key: Buffer): number {
    const mask = this.#slots.length - 1;
    for (let slot = key.readUInt32LE(0) & mask; ; slot = (slot + 1) & mask) {
      const record = this.#slots[slot] ?? 0;
      if (record === 0) return slot;
      const at = (record - 1) * RECORD_BYTES;
      if (this.#records.compare(key, 0, KEY_BYTES, at, at + KEY_BYTES) === 0) return slot;
    }
  }

  #grow(): void {
    this.#records = Buffer.concat([this.#records, Buffer.alloc(this.#records.length)]);
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let record = 1; record <= this.#count; record++) {
      const at = (record - 1) * RECORD_BYTES;
      this.#slots[this.#find(this.#records.subarray(at, at + KEY_BYTES))] = record;
    }
  }
}

/** UTF-16, because a name that is no UTF-8 has lone surrogates, which UTF-8 would make one and the same. */
function keyOf(name: string): Buffer {
  return hash('sha256', Buffer.from(name, 'utf16le'), 'buffer');
}
