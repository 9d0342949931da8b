import type { VolumeFacts } from './volume-facts.ts';
import { damaged } from './volume-facts.ts';

/**
 * Which blocks have an owner. A block with two owners is changed by writing either of them, and e2fsck gives
 * each a copy of its own. Memory is taken for groups in use alone.
 */
export class BlockClaims {
  readonly #facts: VolumeFacts;
  readonly #groups = new Map<number, Uint8Array>();

  constructor(facts: VolumeFacts) {
    this.#facts = facts;
  }

  /** @throws filesystem-damaged where one of the blocks is another's, or none of the filesystem. */
  claim(first: number, count: number, what: () => string): void {
    const { firstDataBlock, blocks, blocksPerGroup } = this.#facts;
    if (first < firstDataBlock || first + count > blocks)
      throw damaged(this.#facts, what(), `block ${first} is outside the filesystem`);
    for (let block = first; block < first + count;) {
      const group = Math.floor((block - firstDataBlock) / blocksPerGroup);
      const start = firstDataBlock + group * blocksPerGroup;
      const end = Math.min(first + count, start + blocksPerGroup);
      if (!setBits(this.of(group), block - start, end - start))
        throw damaged(this.#facts, what(), `block ${block} or one behind it has another owner`);
      block = end;
    }
  }

  /** A bit for each block of the group; to be read only. */
  of(group: number): Uint8Array {
    let bits = this.#groups.get(group);
    if (bits === undefined) {
      bits = new Uint8Array(this.#facts.blocksPerGroup / 8);
      this.#groups.set(group, bits);
    }
    return bits;
  }

  /** null for a group without any. */
  get(group: number): Uint8Array | null {
    return this.#groups.get(group) ?? null;
  }
}

/** Sets the bits [from, to). @returns false where one was set. */
function setBits(bits: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to;) {
    const isWhole = (at & 7) === 0 && to - at >= 8;
    const mask = isWhole ? 0xff : 1 << (at & 7);
    const byte = bits[at >> 3] ?? 0;
    if ((byte & mask) !== 0) return false;
    bits[at >> 3] = byte | mask;
    at += isWhole ? 8 : 1;
  }
  return true;
}
