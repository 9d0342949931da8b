import { builderError } from '../../../shared/errors.ts';
import { DETECT_BYTES, detectContainer } from './detect-container.ts';
import { detectKind, KIND_BYTES } from './file-kind.ts';
import { toInputError } from '../fs-error.ts';
import { openOrdinary } from '../stream/open-ordinary.ts';
import { openFolder } from './folder-input.ts';
import type { ImageInput } from './image-input.ts';
import { openCompressedTar, openPlainTar, type OpenOptions } from './tar-input.ts';
import { openZip } from './zip.ts';

const HEAD_BYTES = Math.max(DETECT_BYTES, KIND_BYTES);

/**
 * Opens a file or folder as a set of members, whatever it is called: its content tells what it is.
 * Rejects with `not-an-archive`, `archive-kind-unsupported`, `input-not-found`, `input-is-…`, or what the container's
 * reader finds.
 */
export async function openInput(path: string, options: OpenOptions = {}): Promise<ImageInput> {
  const { isFolder, head } = await look(path);
  if (isFolder) return openFolder(path, options);
  const container = detectContainer(head);
  if (container === null) {
    const kind = detectKind(head);
    // Its first header has the magic and a wrong checksum: it is damaged, and the parser says where.
    if (kind === 'tar') return openPlainTar(path, options);
    throw kind === null
      ? builderError('not-an-archive', { file: path })
      : builderError('archive-kind-unsupported', { file: path, kind });
  }
  if (container === 'zip') return openZip(path, options.signal);
  return container === 'tar'
    ? openPlainTar(path, options)
    : openCompressedTar(path, container, options);
}

async function look(path: string): Promise<{ isFolder: boolean; head: Uint8Array }> {
  try {
    await using handle = await openOrdinary(path);
    if ((await handle.stat()).isDirectory()) return { isFolder: true, head: new Uint8Array(0) };
    const head = new Uint8Array(HEAD_BYTES);
    const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
    return { isFolder: false, head: head.subarray(0, bytesRead) };
  } catch (error) {
    throw toInputError(path, error);
  }
}
