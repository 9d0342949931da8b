import type { ReleaseKey } from '../../../shared/model/image-report.ts';
import type { FinishedImage } from '../finished/finished-image.ts';

/** What a catalogue is read from. */
export type CataloguedFiles = Pick<FinishedImage, 'name' | 'files' | 'manifest' | 'readMany'>;

/** What answers a request. */
export interface ServedFile {
  /** Path within the finished image. */
  readonly path: string;
  /** Bytes of the answer; null: known only when it is unpacked. */
  readonly size: number | null;
  /** Whether the answer is what zstd makes of the file. */
  readonly unpack: boolean;
  /** Value of `ota-file-cache-control`, by which a vehicle's proxy keeps a file under its hash; null: none. */
  readonly cacheControl: string | null;
}

/** How the names of one image's requests lead to files. */
export interface NameCatalogue {
  /** @param name decoded, without a leading slash, as `nameText` has it. */
  find(name: string): ServedFile | null;
}

export interface CataloguedImage extends NameCatalogue {
  /** Position in the manifest, and folder in meta/. */
  readonly index: number;
  readonly ecuId: string;
  /** What a vehicle is to call it; never empty. */
  readonly version: string;
  readonly format: 'legacy' | 'v1';
  /** Of an OTA image v1; clients take `dev` alone. */
  readonly releaseKey: ReleaseKey | null;
}

export interface Catalogue {
  /**
   * 32 hex digits that differ for different images. It is in every URL, because a vehicle's proxy keeps
   * metadata.jwt and the like by their URLs alone, and would answer with those of another image.
   */
  readonly contentHash: string;
  readonly images: readonly CataloguedImage[];
}

/** A file that is sent as it is stored. */
export function plainFile(path: string, size: number, cacheControl: string | null): ServedFile {
  return { path, size, unpack: false, cacheControl };
}
