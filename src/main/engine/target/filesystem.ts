import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { open, readdir, statfs, unlink } from '../../files/files.ts';
import { builderError } from '../../../shared/errors.ts';
import { toOutputError } from '../fs-error.ts';

/**
 * Makes the names in a folder durable. Windows opens a folder for reading only and then refuses to sync it
 * with EPERM; NTFS keeps names in its own journal.
 */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch {
    return;
  }
  try {
    await handle.sync();
  } catch (error) {
    // Network and FUSE filesystems refuse to sync a folder; the files in it are synced.
    if (!isUnsupported(error)) throw error;
  } finally {
    await handle.close();
  }
}

/** f_type of Linux (statfs(2)). */
const FAT = 0x4d44;
const EXFAT = 0x2011bab0;

/**
 * Filesystems whose files have no holes. To make a file longer, the kernel fills it with zeros, which takes as
 * long as to write it (fat_cont_expand, exfat_cont_expand).
 */
const WITHOUT_HOLES: ReadonlySet<number> = new Set([FAT, EXFAT]);

/**
 * Whether the parts of a file that were never written take no room. NTFS has holes only in files that are
 * marked sparse, which Node cannot do.
 * @param type as statfs tells it.
 */
export function hasHoles(type: number): boolean {
  return process.platform !== 'win32' && !WITHOUT_HOLES.has(type);
}

/**
 * Rejects with `output-no-space` when the filesystem of `folder` has too few bytes free for us, with
 * `output-folder-missing` when that does not exist.
 * @param path the output, for the words. @param size length of the file, or of all files.
 * @param occupied bytes of it that are written. @param folder where it is to be made.
 */
export async function assertFreeSpace(
  path: string,
  size: number,
  { occupied = size, folder = dirname(path) }: { occupied?: number; folder?: string } = {},
): Promise<void> {
  try {
    const { bavail, bsize, type } = await statfs(folder);
    const needed = hasHoles(type) ? occupied : size;
    const free = bavail * bsize;
    if (free < needed) throw builderError('output-no-space', { path, needed, free });
  } catch (error) {
    throw toOutputError(path, error);
  }
}

/** FAT keeps the length of a file in 32 bits. Bytes. */
const FAT_MAX_FILE_BYTES = 2 ** 32 - 1;

/**
 * Gives a new file its length before anything is written, so that one that is too long for the filesystem
 * or for the limits of this process (RLIMIT_FSIZE) is refused at once.
 * @param file open for writing, on `path`. @param length bytes. @param name of the output, for the words.
 * @param required the output has holes, so that it cannot be written without this.
 * @returns whether it has that length now. false: the filesystem does not do it, or takes too long.
 * @throws `output-too-large-for-fat`, or what the system says: EFBIG where the length is too much.
 */
export async function setLength(
  file: FileHandle,
  path: string,
  { length, name, required }: { length: number; name: string; required: boolean },
): Promise<boolean> {
  const { type } = await statfs(dirname(path));
  if (type === FAT && length > FAT_MAX_FILE_BYTES)
    throw builderError('output-too-large-for-fat', { path: name });
  if (!required && WITHOUT_HOLES.has(type)) return false;
  try {
    await file.truncate(length);
    return true;
  } catch (error) {
    // Some network and FUSE filesystems cannot make a file longer, though they take writes at its end.
    if (!required && (isUnsupported(error) || isCode(error, 'EPERM'))) return false;
    throw error;
  }
}

/** Rejects as {@link setLength} where no file of that length can be made in `folder`. */
export async function assertFileLength(
  folder: string,
  length: number,
  name: string,
): Promise<void> {
  const path = join(folder, 'length');
  const file = await open(path, 'wx');
  try {
    await setLength(file, path, { length, name, required: false });
  } finally {
    await file.close();
    await unlink(path);
  }
}

/** What a filesystem has of its own: e2fsck puts what it finds into lost+found. */
const OWN_NAMES: ReadonlySet<string> = new Set(['lost+found']);

/** Names of files and folders in a folder, but for what its filesystem has of its own. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => !OWN_NAMES.has(name));
}

/** How filesystems say that there is no such thing: EINVAL mostly, network and FUSE ones also otherwise. */
export function isUnsupported(error: unknown): boolean {
  return isCode(error, 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS');
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
