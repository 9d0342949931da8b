import type { ImageInput } from '../../archive/image-input.ts';
import type { Member } from '../../content/member-location.ts';
import type { ContentDigest } from '../../content/digest.ts';
import type { InspectedBlob } from '../inspected-image.ts';
import { MemberBlob } from '../member-blob.ts';
import type { BlobRef, BlobStore } from './blob-store.ts';
import type { Recipe } from './resource-table.ts';
import { plainFile, stickFiles, type StickFile } from './stick-names.ts';

/** Collects the files of the output's data folder that one payload needs, each name once. */
export class PayloadFiles {
  readonly #input: ImageInput;
  readonly #blobs: BlobStore;
  readonly #files = new Map<string, InspectedBlob>();

  constructor(input: ImageInput, blobs: BlobStore) {
    this.#input = input;
    this.#blobs = blobs;
  }

  /** A member outside the blob storage, kept under its digest. */
  addMember(path: string, digest: string): void {
    const member = this.#input.members.get(path);
    if (member !== undefined) this.#add(digest, member, { sha256: digest, of: 'plain' });
  }

  /** A blob that a descriptor names. */
  addBlob(blob: BlobRef): void {
    this.#addFile(plainFile(blob));
  }

  /** Everything that a client fetches for a resource. */
  addResource(recipe: Recipe): void {
    for (const file of stickFiles(recipe)) this.#addFile(file);
  }

  /** Ascending by place. */
  list(): InspectedBlob[] {
    return [...this.#files.values()].sort((a, b) => comparePlaces(a, b));
  }

  totals(): { blobs: number; compressedBlobs: number; storedBytes: number } {
    let compressedBlobs = 0;
    let storedBytes = 0;
    for (const { size, contentDigest } of this.#files.values()) {
      if (contentDigest.of === 'zstd') compressedBlobs++;
      storedBytes += size;
    }
    return { blobs: this.#files.size, compressedBlobs, storedBytes };
  }

  #addFile({ name, blob, contentDigest }: StickFile): void {
    if (this.#files.has(name)) return;
    const member = this.#blobs.find(blob);
    if (member !== null) this.#add(name, member, contentDigest);
  }

  #add(name: string, member: Member, { unpackedSize, storedSha256 }: ContentDigest): void {
    const blob =
      storedSha256 === undefined
        ? new MemberBlob(name, member, unpackedSize ?? null)
        : new EncodedBlob(name, member, unpackedSize ?? null, storedSha256);
    this.#files.set(name, blob);
  }
}

/** A blob stored under the digest of what it unpacks to, and has one of its own. */
class EncodedBlob extends MemberBlob {
  readonly #storedSha256: string;

  constructor(name: string, member: Member, unpackedSize: number | null, storedSha256: string) {
    super(name, member, unpackedSize);
    this.#storedSha256 = storedSha256;
  }

  override get contentDigest(): ContentDigest {
    return { ...super.contentDigest, storedSha256: this.#storedSha256 };
  }
}

function comparePlaces({ location: a }: InspectedBlob, { location: b }: InspectedBlob): number {
  if (a.kind === 'file') return b.kind !== 'file' ? 1 : a.path < b.path ? -1 : +(a.path > b.path);
  return b.kind === 'file' ? -1 : a.offset - b.offset;
}
