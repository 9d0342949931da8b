import { basename, dirname, join, sep } from 'node:path';
import { lstat, realpath, stat } from '../files/files.ts';
import { builderError } from '../../shared/errors.ts';
import type { FileRequest, OutputRequest } from '../../shared/model/job.ts';
import { foldersWithin } from '../engine/archive/folder-input.ts';
import { toInputError, toOutputError } from '../engine/fs-error.ts';
import { namesIn } from '../engine/target/filesystem.ts';
import { isStream } from '../engine/target/stream.ts';

/** The path of a file output that is this process' standard output. */
export const STDOUT = '/dev/stdout';

/**
 * Asked before any work is done: whether each file output can be made where it is to be. An empty folder
 * may become a folder output, a pipe takes a tar archive.
 * @param images paths of the images. No output may lie in one of them: it would change while it is read.
 * @throws `output-exists`, `output-link-to-nothing`, `output-folder-missing`, `output-folder-is-file` and
 * other errors of {@link toOutputError}, `usage-output-device`, `usage-stream-kind`, `usage-outputs-overlap`,
 * `output-in-image`.
 */
export async function assertOutputPlaces(
  requests: readonly OutputRequest[],
  images: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const files = requests.filter((request) => request.kind !== 'drive');
  // Where one is to be in another, its folder is not there yet: that is no missing folder.
  assertNoOverlap(
    files,
    files.map(({ path }) => path),
  );
  const places: string[] = [];
  for (const request of files) places.push(await assertPlace(request));
  assertNoOverlap(files, places);
  const kept: string[] = [];
  for (const [i, { path }] of files.entries())
    if (!(await isStream(path))) kept.push(places[i] ?? path);
  if (kept.length > 0)
    for (const image of new Set(images)) await assertOutside(image, kept, signal);
}

/** @returns the place by its real path, whatever links lead to it; of a pipe what tells it from others. */
async function assertPlace({ kind, path }: FileRequest): Promise<string> {
  if (path === STDOUT) return STDOUT;
  try {
    const folder = dirname(path);
    if (!(await stat(folder)).isDirectory())
      throw builderError('output-folder-is-file', { path, folder });
    const stats = await stat(path).catch(passMissing);
    if (stats === null) {
      if ((await lstat(path).catch(passMissing)) !== null)
        throw builderError('output-link-to-nothing', { path });
      return join(await realpath(folder), basename(path));
    }
    // Some systems have disks as character devices, too.
    if (stats.isBlockDevice() || stats.isCharacterDevice())
      throw builderError('usage-output-device', { path });
    if (stats.isFIFO()) {
      if (kind !== 'tar') throw builderError('usage-stream-kind', { path });
      // `/dev/fd/63`, as shells give it for `>(…)`, has no real path.
      return `pipe ${stats.dev}:${stats.ino}`;
    }
    if (kind !== 'folder' || !stats.isDirectory() || (await namesIn(path)).length > 0)
      throw builderError('output-exists', { path });
    return await realpath(path);
  } catch (error) {
    throw toOutputError(path, error);
  }
}

function passMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}

function assertNoOverlap(files: readonly FileRequest[], places: readonly string[]): void {
  for (const [i, place] of places.entries())
    for (const [j, another] of places.entries()) {
      if (i >= j) continue;
      const overlaps =
        place === another || place.startsWith(another + sep) || another.startsWith(place + sep);
      const [path = '', other = ''] = [files[i]?.path, files[j]?.path];
      if (overlaps) throw builderError('usage-outputs-overlap', { path, other });
    }
}

/**
 * Folders are known by their numbers, not by their paths: links, bind mounts and filesystems without upper
 * and lower case give one folder several.
 */
async function assertOutside(
  image: string,
  places: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const isFolder = await stat(image).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder) return;
  const above = new Map<string, string>();
  for (const place of places)
    for (let folder = await nearestFolder(place); ; folder = dirname(folder)) {
      above.set(await folderNumber(folder), place);
      if (folder === dirname(folder)) break;
    }
  const check = async (folder: string | Buffer): Promise<void> => {
    const path = above.get(await folderNumber(folder));
    if (path !== undefined) throw builderError('output-in-image', { path, image });
  };
  try {
    await check(image);
    // A bind mount shows a folder within the image at a place that is not below the image.
    for await (const folder of foldersWithin(image, signal)) await check(folder);
  } catch (error) {
    throw toInputError(image, error);
  }
}

/** A new output is not there yet, and a folder that is one has its own number. */
async function nearestFolder(place: string): Promise<string> {
  const isThere = await stat(place).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  return isThere ? place : dirname(place);
}

async function folderNumber(path: string | Buffer): Promise<string> {
  const { dev, ino } = await stat(path, { bigint: true });
  return `${dev}:${ino}`;
}
