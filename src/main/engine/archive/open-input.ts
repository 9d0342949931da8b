import { builderError } from '../../../shared/errors.ts';
import { DETECT_BYTES, detectContainer } from '../codec/codec.ts';
import { toInputError } from '../fs-error.ts';
import { openOrdinary } from '../stream/open-ordinary.ts';
import { openFolder } from './folder-input.ts';
import type { ImageInput } from './image-input.ts';
import { openCompressedTar, openPlainTar, type OpenOptions } from './tar-input.ts';
import { openZip } from './zip.ts';

/**
 * Opens a file or folder as a set of members, whatever it is called: its content tells what it is.
 * Rejects with `not-an-archive`, `input-not-found`, `input-is-…`, or what the container's reader finds.
 */
export async function openInput(path: string, options: OpenOptions = {}): Promise<ImageInput> {
  const { isFolder, head } = await look(path);
  if (isFolder) return openFolder(path, options);
  const container = detectContainer(head);
  if (container === null) throw builderError('not-an-archive', { file: path });
  if (container === 'zip') return openZip(path, options.signal);
  return container === 'tar'
    ? openPlainTar(path, options)
    : openCompressedTar(path, container, options);
}

async function look(path: string): Promise<{ isFolder: boolean; head: Uint8Array }> {
  try {
    await using handle = await openOrdinary(path);
    if ((await handle.stat()).isDirectory()) return { isFolder: true, head: new Uint8Array(0) };
    const head = new Uint8Array(DETECT_BYTES);
    const { bytesRead } = await handle.read(head, 0, DETECT_BYTES, 0);
    return { isFolder: false, head: head.subarray(0, bytesRead) };
  } catch (error) {
    throw toInputError(path, error);
  }
}
