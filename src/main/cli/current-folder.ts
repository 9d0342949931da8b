import { builderError } from '../../shared/errors.ts';

/** Folder that relative paths are relative to. @throws `usage-current-folder-gone` where it was deleted. */
export function currentFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw builderError('usage-current-folder-gone', {}, error);
  }
}
