import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { constants, open, stat } from '../../files/files.ts';
import { builderError } from '../../../shared/errors.ts';

/**
 * Opens a file or folder for reading, and nothing that would block or never end: a named pipe waits for a
 * writer in open(2) already, and no cancel reaches that. Looked at before it is opened, since opening a
 * device may do something (rewind a tape); not blocking, and looked at again, since it may be another one by then.
 * @throws `input-is-pipe`, `input-is-socket`, `input-is-device`, errors of the system
 */
export async function openOrdinary(path: string): Promise<FileHandle> {
  assertOrdinary(path, await stat(path));
  const handle = await open(path, constants.O_RDONLY | NO_WAITING);
  try {
    assertOrdinary(path, await handle.stat());
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Windows has neither. O_NOCTTY: a terminal does not become ours. */
const NO_WAITING =
  ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0) |
  ((constants as Partial<typeof constants>).O_NOCTTY ?? 0);

/** @throws as {@link openOrdinary}, for what is neither a file nor a folder. */
function assertOrdinary(file: string, stats: Stats): void {
  if (stats.isFile() || stats.isDirectory()) return;
  if (stats.isFIFO()) throw builderError('input-is-pipe', { file });
  if (stats.isSocket()) throw builderError('input-is-socket', { file });
  throw builderError('input-is-device', { file });
}
