import type { Catalogue } from '../engine/catalogue/served-file.ts';

/** An image that is open for serving. */
export interface ServedImage {
  readonly catalogue: Catalogue;
  /** Exactly `length` bytes of a file from `offset` on. Rejects where they cannot be read. */
  read(path: string, offset: number, length: number): Promise<Uint8Array>;
  /** Bytes of a file of the image. */
  sizeOf(path: string): number;
}
