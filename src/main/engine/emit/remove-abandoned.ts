import { join } from 'node:path';
import { lstat, readdir, statfs, unlink } from '../../files/files.ts';
import { isAbandoned } from '../target/partial-name.ts';
import { removeFolder } from './remove-folder.ts';

/** f_type of filesystems that one computer at a time has (statfs(2)): ext, XFS, btrfs, F2FS, FAT, exFAT, NTFS. */
const LOCAL_FILESYSTEMS: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x4d44, 0x2011bab0, 0x7366746e,
]);

/**
 * Removes from a folder what a killed process of ours has left half-made there. What cannot be removed
 * stays; it is in the way of nothing. Rejects only when it was aborted.
 *
 * A name alone proves nothing: in a folder for all (`/tmp`) anybody can make one. Only what belongs to
 * this user is touched, and no folder that everybody can change, who would swap a link into it meanwhile.
 */
export async function removeAbandoned(folder: string, signal: AbortSignal): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const local = await statfs(folder).then(
    ({ type }) => LOCAL_FILESYSTEMS.has(type),
    () => false,
  );
  for (const name of names) {
    signal.throwIfAborted();
    if (!isAbandoned(name, local)) continue;
    const path = join(folder, name);
    try {
      const stats = await lstat(path);
      if (stats.uid !== process.geteuid?.()) continue;
      if (stats.isFile()) await unlink(path);
      else if (stats.isDirectory() && (stats.mode & 0o002) === 0) await removeFolder(path, signal);
    } catch {
      signal.throwIfAborted();
    }
  }
}
