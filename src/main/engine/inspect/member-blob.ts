import type { Member, MemberLocation } from '../content/member-location.ts';
import type { ContentDigest } from '../content/digest.ts';
import type { InspectedBlob } from './inspected-image.ts';

const ZST = '.zst';

/**
 * A blob named by what proves it. Hundreds of thousands of these live through a whole build, so they
 * keep only what cannot be derived, and not the member, which has more.
 */
export class MemberBlob implements InspectedBlob {
  readonly name: string;
  readonly size: number;
  /** Offset of an extent; of what is none, the place itself. */
  readonly #at: number | Exclude<MemberLocation, { kind: 'extent' }>;
  readonly #unpackedSize: number | null;

  /**
   * @param name `<sha256 hex>` or `<sha256 hex>.zst`.
   * @param unpackedSize what a `.zst` must decompress to, bytes; null where it is not known.
   */
  constructor(name: string, member: Member, unpackedSize: number | null) {
    this.name = name;
    this.size = member.size;
    const { location } = member;
    this.#at = location.kind === 'extent' ? location.offset : location;
    this.#unpackedSize = unpackedSize;
  }

  get location(): MemberLocation {
    return typeof this.#at === 'number' ? { kind: 'extent', offset: this.#at } : this.#at;
  }

  get contentDigest(): ContentDigest {
    if (!this.name.endsWith(ZST)) return { sha256: this.name, of: 'plain' };
    const sha256 = this.name.slice(0, -ZST.length);
    return this.#unpackedSize === null
      ? { sha256, of: 'zstd' }
      : { sha256, of: 'zstd', unpackedSize: this.#unpackedSize };
  }
}
