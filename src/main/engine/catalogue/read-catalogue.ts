import { createHash } from 'node:crypto';
import { builderError } from '../../../shared/errors.ts';
import { catalogueLegacy } from './legacy.ts';
import type { Catalogue, CataloguedFiles, CataloguedImage } from './served-file.ts';
import { catalogueV1 } from './v1.ts';

/** Characters of the hash that stand for a version where an image has none. */
const VERSION_HASH_CHARACTERS = 12;
const CONTENT_HASH_CHARACTERS = 32;

const MANIFEST = 'manifest.json';
/** The files from whose hashes everything else of an image follows. */
const ROOTS = ['metadata.jwt', 'oci-layout', 'index.jwt', 'index.json'];
/** Of manifest.json, and of each of {@link ROOTS}. */
const MAX_ROOT_BYTES = 4 * 1024 * 1024;

/**
 * Reads what each image in a finished image serves under which name. The image was verified before.
 * @throws `verify-failed` where the manifest cannot be read; what reading the metadata finds.
 */
export async function readCatalogue(
  image: CataloguedFiles,
  signal?: AbortSignal,
): Promise<Catalogue> {
  const roots = [...image.files.keys()].filter(isRoot).sort();
  const contents = await image.readMany([MANIFEST, ...roots], MAX_ROOT_BYTES);
  const { manifest } = image;
  if (manifest === null)
    throw builderError('verify-failed', { target: image.name, faults: 1, first: MANIFEST });
  const content = createHash('sha256');
  for (const path of [MANIFEST, ...roots]) {
    const bytes = contents.get(path) ?? new Uint8Array(0);
    content.update(`${path} ${bytes.length}\n`).update(bytes);
  }
  const contentHash = content.digest('hex').slice(0, CONTENT_HASH_CHARACTERS);
  const images: CataloguedImage[] = [];
  for (const [
    index,
    { ecu_id: ecuId, image_version: named, image_format },
  ] of manifest.image_meta.entries()) {
    const version =
      named === '' ? `offline-${contentHash.slice(0, VERSION_HASH_CHARACTERS)}` : named;
    const own =
      image_format === 'ota-image-v1'
        ? { format: 'v1' as const, ...(await catalogueV1(image, index, ecuId, signal)) }
        : {
            format: 'legacy' as const,
            releaseKey: null,
            ...(await catalogueLegacy(image, index, signal)),
          };
    images.push({ index, ecuId, version, ...own });
  }
  return { contentHash, images };
}

function isRoot(path: string): boolean {
  const [top, , name, ...more] = path.split('/');
  return top === 'meta' && name !== undefined && more.length === 0 && ROOTS.includes(name);
}
