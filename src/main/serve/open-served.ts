import { readCatalogue } from '../engine/catalogue/read-catalogue.ts';
import type { FinishedImage } from '../engine/finished/finished-image.ts';
import { openFinished } from '../engine/finished/open-finished.ts';
import type { ServedImage } from './served-image.ts';

/** A finished image that is open, to be verified and then served. */
export interface OpenedImage {
  /** For verifying. Closing it has no effect: what was verified is what is served. */
  readonly image: FinishedImage;
  /** Reads what it serves under which name. To be called after it was verified. */
  serve(signal?: AbortSignal): Promise<ServedImage>;
  close(): Promise<void>;
}

/**
 * @param path absolute path of a tar file, an image file or a folder, such as the mount point of a stick.
 * @throws as `openFinished`
 */
export async function openServed(path: string, signal?: AbortSignal): Promise<OpenedImage> {
  const image = await openFinished(path, signal);
  return {
    image: { ...image, close: () => Promise.resolve() },
    async serve(later) {
      return {
        catalogue: await readCatalogue(image, later),
        sizeOf: (name) => image.files.get(name) ?? 0,
        read: (name, offset, length) => image.read(name, offset, length),
      };
    },
    close: () => image.close(),
  };
}
