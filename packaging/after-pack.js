import { chmod, lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

/**
 * Gives what is packaged the modes that it is to be installed with. A builder whose umask is 002 makes files that
 * the group can write, and the app starts no writer as root that anyone but root could change.
 */
export default async function afterPack({ appOutDir, packager }) {
  if (process.platform === 'win32') return;
  await setModes(appOutDir);
  await setModes(path.join(packager.projectDir, 'packaging/linux'));
}

/** 755 for folders and programs, 644 for everything else; links are followed by nothing. */
export async function setModes(file) {
  const info = await lstat(file);
  if (info.isSymbolicLink()) return;
  if (!info.isDirectory()) {
    await chmod(file, (info.mode & 0o100) === 0 ? 0o644 : 0o755);
    return;
  }
  await chmod(file, 0o755);
  for (const name of await readdir(file)) await setModes(path.join(file, name));
}
