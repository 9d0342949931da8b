import { stat } from '../files/files.ts';
import { builderError } from '../../shared/errors.ts';

/** Files and folders that a job needs, each with the filesystem that it is on; null: it is not there. */
export type FilesystemIds = ReadonlyMap<string, number | null>;

export async function filesystemIdsOf(paths: readonly string[]): Promise<FilesystemIds> {
  return new Map(
    await Promise.all(
      paths.map(async (path) => {
        const device = await stat(path).then(
          ({ dev }) => dev,
          () => null,
        );
        return [path, device] as const;
      }),
    ),
  );
}

/**
 * Asked when a drive has been unmounted and not yet been changed. An image that lies on it would be erased
 * before it is read, and a file that is to lie on it would come to lie under the empty mount point.
 * @param drive what a person calls it. @throws `path-on-drive`
 */
export async function assertNotUnmounted(before: FilesystemIds, drive: string): Promise<void> {
  const now = await filesystemIdsOf([...before.keys()]);
  for (const [path, device] of before)
    if (device !== null && now.get(path) !== device)
      throw builderError('path-on-drive', { path, drive });
}
