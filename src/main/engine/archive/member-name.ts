import { builderError } from '../../../shared/errors.ts';

/** Longest name of a member, bytes: PATH_MAX of Linux, which no file in a vehicle can exceed. */
export const MAX_MEMBER_NAME_BYTES = 4096;

/**
 * Name of a member as the rest of the engine knows it: no `./`, no doubled or trailing slash.
 * Throws `member-name-unsafe` for what would leave the archive's folder: the first builder, being
 * root, moved files of the host for an absolute name.
 */
export function normalizeMemberName(file: string, name: string): string {
  // Nearly every name is already plain; the check below is much cheaper than splitting.
  const plain = name.startsWith('./') ? name.slice(2) : name;
  if (!/(^|\/)(\.{0,2})(\/|$)|\0/.test(plain)) return plain;
  if (name.startsWith('/') || name.includes('\0'))
    throw builderError('member-name-unsafe', { file, name });
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw builderError('member-name-unsafe', { file, name });
  return parts.join('/');
}
