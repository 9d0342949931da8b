import { BuilderError, builderError } from '../../../shared/errors.ts';
import { openInput } from '../archive/open-input.ts';
import { detectContainer } from '../archive/detect-container.ts';
import { Ext4Reader } from '../ext4/reader/ext4-reader.ts';
import { toInputError } from '../fs-error.ts';
import { openFileReader } from '../stream/file-reader.ts';
import { openOrdinary } from '../stream/open-ordinary.ts';
import { isZeros } from '../zeros.ts';
import { openFinishedExt4 } from './open-ext4.ts';
import { isOtaImage, openFinishedFolder } from './open-folder.ts';
import { openFinishedTar } from './open-tar.ts';
import type { FinishedImage } from './finished-image.ts';

/**
 * Opens a finished offline OTA image: a tar file, a folder, or an image file with ext4. Looks at all of its
 * structure, and at no content but the manifest.
 *
 * @example
 * const image = await openFinished('/images/x.img');
 * console.log(image.kind, image.manifest?.image_meta.length);
 * const size = image.files.get(`data/${sha256}`); // undefined: it has no such blob
 * if (size !== undefined) for await (const bytes of image.stream(`data/${sha256}`)) response.write(bytes);
 * await image.close();
 *
 * @param path absolute.
 * @throws `verify-not-an-image` for what no builder writes, `verify-ota-image` for what a build takes,
 * `verify-incomplete` for an image file whose writing was cut short, or what reading it finds.
 */
export async function openFinished(path: string, signal?: AbortSignal): Promise<FinishedImage> {
  const head = await readHead(path);
  if (head === 'folder') return openFinishedFolder(path, signal);
  const container = detectContainer(head);
  // Before the filesystem: the two bytes of its magic are in many a tar archive.
  if (container === 'tar') return openTar(path, signal);
  if (head.length === HEAD_BYTES && head.readUInt16LE(EXT4_MAGIC_OFFSET) === EXT4_MAGIC)
    return openImageFile(path, signal);
  // An image file whose first block was never written begins with zeros.
  if (head.length === HEAD_BYTES && isZeros(head))
    throw builderError('verify-incomplete', { target: path });
  if (container !== null) await refuseOtaImage(path, signal);
  throw builderError('verify-not-an-image', { target: path });
}

/** s_magic of ext2, ext3 and ext4 at 0x38 of the superblock, which begins at byte 1,024. */
const EXT4_MAGIC_OFFSET = 1024 + 0x38;
const EXT4_MAGIC = 0xef53;
const HEAD_BYTES = 4096;

async function readHead(path: string): Promise<Buffer | 'folder'> {
  try {
    await using handle = await openOrdinary(path);
    if ((await handle.stat()).isDirectory()) return 'folder';
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
    return head.subarray(0, bytesRead);
  } catch (error) {
    throw toInputError(path, error);
  }
}

async function openTar(path: string, signal: AbortSignal | undefined): Promise<FinishedImage> {
  const output = await openFinishedTar(path, signal);
  if (isOtaImage((name) => output.files.has(name)))
    throw builderError('verify-ota-image', { target: path });
  // Copied to a stick it would be another thing than the archive that was checked.
  if (!(await isFilesystem(path))) return output;
  const fault = { kind: 'structure', path: '', detail: 'it is a filesystem, too' } as const;
  return { ...output, faults: [...output.faults, fault] };
}

/** Whether there is a superblock that makes sense, not its magic alone. */
async function isFilesystem(path: string): Promise<boolean> {
  const reader = await openFileReader(path);
  try {
    await Ext4Reader.open(reader, path);
    return true;
  } catch (error) {
    if (error instanceof BuilderError) return false;
    throw error;
  } finally {
    await reader.close();
  }
}

async function openImageFile(
  path: string,
  signal: AbortSignal | undefined,
): Promise<FinishedImage> {
  const reader = await openFileReader(path);
  try {
    const output = await openFinishedExt4(path, 'img', reader, signal);
    return { ...output, close: () => reader.close() };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/** @throws `verify-ota-image` for a compressed archive or a zip that holds one. */
async function refuseOtaImage(path: string, signal: AbortSignal | undefined): Promise<void> {
  const { members } = await openInput(path, { signal });
  if (isOtaImage((name) => members.has(name)))
    throw builderError('verify-ota-image', { target: path });
}
