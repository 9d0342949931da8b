import type { Member, MemberPlace } from '../archive/image-input.ts';
import type { ContentProof } from '../plan/build-plan.ts';
import type { InspectedBlob } from './inspected-image.ts';

const ZST = '.zst';

/**
 * A blob named by what proves it. Hundreds of thousands of these live through a whole build, so they
 * keep only what cannot be derived.
 */
export class MemberBlob implements InspectedBlob {
  readonly name: string;
  readonly #member: Member;
  readonly #unpackedSize: number | null;

  /**
   * @param name `<sha256 hex>` or `<sha256 hex>.zst`.
   * @param unpackedSize what a `.zst` must decompress to, bytes; null where it is not known.
   */
  constructor(name: string, member: Member, unpackedSize: number | null) {
    this.name = name;
    this.#member = member;
    this.#unpackedSize = unpackedSize;
  }

  get size(): number {
    return this.#member.size;
  }

  get place(): MemberPlace {
    return this.#member.place;
  }

  get proof(): ContentProof {
    if (!this.name.endsWith(ZST)) return { sha256: this.name, of: 'plain' };
    const sha256 = this.name.slice(0, -ZST.length);
    return this.#unpackedSize === null
      ? { sha256, of: 'zstd' }
      : { sha256, of: 'zstd', unpackedSize: this.#unpackedSize };
  }
}
