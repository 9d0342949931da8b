import { readdir, rm, unlink } from '../../files/files.ts';
import { join } from 'node:path';

/** Files being removed at once: enough for every thread of the system, whatever their number. */
const MAX_REMOVING = 16;

/**
 * Removes a folder that was to become an output, as much of it as is there. The manifest goes first:
 * without it nothing takes the folder for an image, should the rest be cut short.
 * Node's own `rm` would begin with all files at once, which takes a gigabyte for 300,000 of them.
 */
export async function removeFolder(path: string, signal?: AbortSignal): Promise<void> {
  await unlink(join(path, 'manifest.json')).catch(leaveToLast);
  await removeFiles(path, signal);
  await rm(path, { recursive: true, force: true });
}

/** All files below a folder; links are removed, not followed. */
async function removeFiles(folder: string, signal: AbortSignal | undefined): Promise<void> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(leaveToLast)) ?? [];
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const remove = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      signal?.throwIfAborted();
      await unlink(join(folder, name)).catch(leaveToLast);
    }
  };
  await Promise.all(Array.from({ length: MAX_REMOVING }, remove));
  for (const name of folders) await removeFiles(join(folder, name), signal);
}

/** The removal of what is left says what is wrong. */
function leaveToLast(): undefined {
  return undefined;
}
