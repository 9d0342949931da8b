import { createHash } from 'node:crypto';
import { builderError } from '../../../../shared/errors.ts';
import type { ImageInput } from '../../archive/image-input.ts';
import type { Member } from '../../content/member-location.ts';
import type { Descriptor } from './documents.ts';

/** A blob of the image's storage: its digest is its name. */
export interface BlobRef {
  /** Lower-case hex SHA-256. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

const BLOB_FOLDER = 'blobs/sha256/';

/** Path of a blob within an image. */
export function blobPath({ digest }: Pick<BlobRef, 'digest'>): string {
  return BLOB_FOLDER + digest;
}

/** The blobs of one input; remembers which of them the image refers to. */
export class BlobStore {
  readonly #input: ImageInput;
  readonly #used = new Set<string>();
  readonly #missing = new Set<string>();

  constructor(input: ImageInput) {
    this.#input = input;
  }

  /**
   * Looks a referenced blob up. One that is missing is remembered for {@link refuseMissing} and
   * answered with null, so that the error can tell how many there are.
   * @throws `blob-size-mismatch`
   */
  find(blob: BlobRef): Member | null {
    const path = blobPath(blob);
    const member = this.#input.members.get(path);
    if (member === undefined) {
      this.#missing.add(path);
      return null;
    }
    if (member.size !== blob.size)
      throw builderError('blob-size-mismatch', {
        file: this.#input.path,
        path,
        expected: blob.size,
        actual: member.size,
      });
    this.#used.add(path);
    return member;
  }

  /** @throws `blob-missing` when any blob that was looked for is not there. */
  refuseMissing(): void {
    const [path] = this.#missing;
    if (path !== undefined)
      throw builderError('blob-missing', {
        file: this.#input.path,
        path,
        count: this.#missing.size,
      });
  }

  /** How many blobs nothing refers to. */
  unreferenced(): number {
    let count = 0;
    for (const path of this.#input.members.keys())
      if (path.startsWith(BLOB_FOLDER) && !this.#used.has(path)) count++;
    return count;
  }

  /**
   * Contents of the described blobs in their order, each with the digest that its descriptor says.
   * @throws `blob-missing`, `blob-size-mismatch`, `blob-corrupt`, `archive-limit`.
   */
  async read(
    descriptors: readonly Descriptor[],
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array[]> {
    for (const descriptor of descriptors) this.find(descriptor);
    this.refuseMissing();
    const paths = new Set(descriptors.map(blobPath));
    const contents = await this.#input.readMany([...paths], maxBytes, signal);
    return descriptors.map((descriptor) => {
      const path = blobPath(descriptor);
      const bytes = contents.get(path);
      if (bytes === undefined || sha256(bytes) !== descriptor.digest)
        throw builderError('blob-corrupt', { file: this.#input.path, name: path });
      return bytes;
    });
  }
}

/** In lower-case hex: 64 digits, as descriptors and blobs/sha256/ have it. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
