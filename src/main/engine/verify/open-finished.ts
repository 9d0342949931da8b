import { open } from 'node:fs/promises';
import { BuilderError, builderError } from '../../../shared/errors.ts';
import type { ImageInput } from '../archive/image-input.ts';
import { openInput } from '../archive/open-input.ts';
import { toInputError } from '../fs-error.ts';
import { openFileReader } from '../stream/file-reader.ts';
import { readMembers } from '../stream/source.ts';
import { openFinishedExt4 } from './finished-ext4.ts';
import type { FinishedOutput } from './finished.ts';

/**
 * Opens a finished tar file, folder or image file for checking.
 * @param path absolute.
 * @throws `verify-not-an-image` for what no builder writes, `verify-incomplete` for an image file
 * whose writing was cut short, or what reading it finds.
 */
export async function openFinished(path: string, signal?: AbortSignal): Promise<FinishedOutput> {
  if (await isFilesystem(path)) return openImageFile(path);
  try {
    const input = await openInput(path, { signal });
    if (input.container === 'tar' || input.container === 'folder')
      return fromInput(input, input.container);
  } catch (error) {
    if (!(error instanceof BuilderError) || error.code !== 'not-an-archive') throw error;
    // An image file whose first block was never written begins with zeros.
    if (await beginsWithZeros(path))
      throw builderError('verify-incomplete', { target: path }, error);
  }
  throw builderError('verify-not-an-image', { target: path });
}

/** s_magic of ext2, ext3 and ext4 at 0x38 of the superblock, which stands at byte 1,024. */
const EXT4_MAGIC_OFFSET = 1024 + 0x38;
const EXT4_MAGIC = 0xef53;
const HEAD_BYTES = 4096;

async function isFilesystem(path: string): Promise<boolean> {
  const head = await readHead(path);
  return head.length === HEAD_BYTES && head.readUInt16LE(EXT4_MAGIC_OFFSET) === EXT4_MAGIC;
}

async function beginsWithZeros(path: string): Promise<boolean> {
  const head = await readHead(path);
  return head.length === HEAD_BYTES && head.every((byte) => byte === 0);
}

/** Empty for a folder. */
async function readHead(path: string): Promise<Buffer> {
  try {
    await using handle = await open(path, 'r');
    if ((await handle.stat()).isDirectory()) return Buffer.alloc(0);
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
    return head.subarray(0, bytesRead);
  } catch (error) {
    throw toInputError(path, error);
  }
}

async function openImageFile(path: string): Promise<FinishedOutput> {
  const reader = await openFileReader(path);
  try {
    return { ...(await openFinishedExt4(path, 'img', reader)), close: () => reader.close() };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

function fromInput(input: ImageInput, kind: 'tar' | 'folder'): FinishedOutput {
  return {
    name: input.path,
    kind,
    files: new Map(Array.from(input.members, ([name, { size }]) => [name, size])),
    others: [...input.others],
    readMany: (names, maxBytes) => input.readMany(names, maxBytes),
    stream: (paths, signal) =>
      readMembers(
        input,
        paths.flatMap((path, file) => {
          const member = input.members.get(path);
          return member === undefined ? [] : [{ file, size: member.size, place: member.place }];
        }),
        signal,
      ),
    close: () => Promise.resolve(),
  };
}
