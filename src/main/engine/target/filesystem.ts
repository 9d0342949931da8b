import { open, statfs, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { builderError } from '../../../shared/errors.ts';
import { toOutputError } from '../fs-error.ts';

/** Makes the names in a folder durable. Not every system can open a folder; those need no sync. */
export async function syncFolder(path: string): Promise<void> {
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

/**
 * Rejects with `output-no-space` when the filesystem that `path` is to stand on has fewer than
 * `needed` bytes free for us, with `output-unwritable` when its folder does not exist.
 */
export async function checkFreeSpace(path: string, needed: number): Promise<void> {
  try {
    const { bavail, bsize } = await statfs(dirname(path));
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
