import { stat } from '../../files/files.ts';
import type { InputFingerprint } from '../../../shared/model/image-report.ts';
import { toInputError } from '../fs-error.ts';

/** Identity of an input at this moment. Rejects with `input-not-found` or `input-unreadable`. */
export async function fingerprint(path: string): Promise<InputFingerprint> {
  try {
    const { size, mtimeNs, ino, mode } = await stat(path, { bigint: true });
    const isFolder = (mode & 0o170000n) === 0o040000n;
    return {
      size: isFolder ? 0 : Number(size),
      mtimeMs: Number(mtimeNs) / 1e6,
      inode: String(ino),
    };
  } catch (error) {
    throw toInputError(path, error);
  }
}

/** Whether both are of one unchanged input: same size, inode, and time to a quarter of a microsecond. */
export function sameFingerprint(a: InputFingerprint, b: InputFingerprint): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.inode === b.inode;
}
