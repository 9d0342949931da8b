import { builderError } from '../../../shared/errors.ts';
import type { ImageInput } from '../archive/image-input.ts';
import { openInput } from '../archive/open-input.ts';
import type { InspectedImage, InspectOptions } from './inspected-image.ts';
import { inspectLegacy, isLegacy } from './legacy/inspect-legacy.ts';
import { isV1 } from './v1/is-v1.ts';

/**
 * Opens an input and inspects it as the image that it is. Rejects with what the container's or the
 * format's reader finds, `finished-compressed` or `not-an-image`.
 * @param path absolute.
 */
export async function inspect(path: string, options: InspectOptions): Promise<InspectedImage> {
  const input = await openInput(path, options);
  // Images of the newer format may hold files for old clients beside it.
  if (isV1(input)) {
    // Its schemas take a quarter of the command line's start.
    const { inspectV1 } = await import('./v1/inspect-v1.ts');
    return withDigests(await inspectV1(input, options), input);
  }
  if (isLegacy(input)) return withDigests(await inspectLegacy(input, options), input);
  // A finished one is read at any place, which a compressed one does not allow.
  if (isFinishedInside(input) && input.container !== 'tar' && input.container !== 'folder')
    throw builderError('finished-compressed', { file: path });
  throw builderError('not-an-image', { file: path });
}

/** Whether a finished offline OTA image was packed. */
function isFinishedInside({ members }: ImageInput): boolean {
  return FIRST_METAFILES.some((name) => members.has('manifest.json') && members.has(name));
}

const FIRST_METAFILES = ['meta/0/metadata.jwt', 'meta/0/index.jwt'];

function withDigests(image: InspectedImage, { digests = null }: ImageInput): InspectedImage {
  return { ...image, digests };
}
