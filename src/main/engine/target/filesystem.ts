import { open, statfs, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
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

/** Linux's names (statfs(2)) of filesystems whose files have no holes: FAT and exFAT. */
const WITHOUT_HOLES: ReadonlySet<number> = new Set([0x4d44, 0x2011bab0]);

/**
 * Whether the parts of a file that were never written take no room. NTFS has holes only in files that are
 * marked sparse, which Node cannot do.
 * @param type as statfs tells it.
 */
export function hasHoles(type: number): boolean {
  return process.platform !== 'win32' && !WITHOUT_HOLES.has(type);
}

/**
 * Rejects with `output-no-space` when the filesystem that `path` is to stand on has too few bytes free for
 * us, with `output-unwritable` when its folder does not exist.
 * @param size length of the file, or of all files. @param occupied bytes of it that are written.
 */
export async function checkFreeSpace(
  path: string,
  size: number,
  occupied: number = size,
): Promise<void> {
  try {
    const { bavail, bsize, type } = await statfs(dirname(path));
    const needed = hasHoles(type) ? occupied : size;
    const free = bavail * bsize;
    if (free < needed) throw builderError('output-no-space', { path, needed, free });
  } catch (error) {
    throw toOutputError(path, error);
  }
}

/** How filesystems say that there is no such thing: EINVAL mostly, network and FUSE ones also otherwise. */
export function isUnsupported(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(String(error.code))
  );
}
