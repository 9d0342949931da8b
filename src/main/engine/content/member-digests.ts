const SHA256_BYTES = 32;

/** What a member's content was found to be when it streamed by. */
export interface MemberDigest {
  /** Lower-case hex SHA-256 of the bytes as they are stored. */
  readonly stored: string;
  /** Of what they decompress to; null where they are no zstd frame, or it was not found. */
  readonly unpacked: { readonly sha256: string; readonly size: number } | null;
}

/**
 * Digests of the members of one archive, by their offsets in the decoded input. Hundreds of thousands live
 * through a build, so each takes its 32 bytes and little more.
 *
 * @example
 *   const slot = digests.reserve(member.offset);
 *   digests.set(slot, await hash(member));
 *   digests.find(member.offset)?.stored;
 */
export class MemberDigests {
  readonly #offsets = new Numbers();
  readonly #stored = new Hashes();
  /** Position in the unpacked ones, NONE or MISSING. */
  readonly #states = new Numbers();
  readonly #unpacked = new Hashes();
  readonly #unpackedSizes = new Numbers();

  /** Room for the digest of a member. @param offset bytes; ascending from call to call. */
  reserve(offset: number): number {
    const slot = this.#offsets.push(offset);
    this.#states.push(MISSING);
    return slot;
  }

  /** In any order. */
  set(slot: number, { stored, unpacked }: MemberDigest): void {
    this.#stored.set(slot, stored);
    if (unpacked === null) {
      this.#states.set(slot, NONE);
      return;
    }
    const at = this.#unpackedSizes.push(unpacked.size);
    this.#unpacked.set(at, unpacked.sha256);
    this.#states.set(slot, at);
  }

  /** null for a member that was not hashed. */
  find(offset: number): MemberDigest | null {
    const slot = this.#offsets.search(offset);
    const state = slot === null ? MISSING : this.#states.at(slot);
    if (slot === null || state === MISSING) return null;
    const unpacked =
      state === NONE
        ? null
        : { sha256: this.#unpacked.at(state), size: this.#unpackedSizes.at(state) };
    return { stored: this.#stored.at(slot), unpacked };
  }
}

const MISSING = -1;
const NONE = -2;

/** A list of numbers of eight bytes each. */
class Numbers {
  #numbers = new Float64Array(1024);
  #length = 0;

  push(value: number): number {
    if (this.#length === this.#numbers.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#length] = value;
    return this.#length++;
  }

  set(index: number, value: number): void {
    this.#numbers[index] = value;
  }

  at(index: number): number {
    return this.#numbers[index] ?? Number.NaN;
  }

  /** Index of a value, where they ascend; null where it is not there. */
  search(value: number): number | null {
    let from = 0;
    let to = this.#length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.at(middle) < value) from = middle + 1;
      else to = middle;
    }
    return from < this.#length && this.at(from) === value ? from : null;
  }
}

/** A list of SHA-256 values. */
class Hashes {
  #bytes = Buffer.alloc(1024 * SHA256_BYTES);

  set(index: number, hex: string): void {
    const end = (index + 1) * SHA256_BYTES;
    if (end > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(end, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.write(hex, index * SHA256_BYTES, 'hex');
  }

  at(index: number): string {
    return this.#bytes.toString('hex', index * SHA256_BYTES, (index + 1) * SHA256_BYTES);
  }
}
