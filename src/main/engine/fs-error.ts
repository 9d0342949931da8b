import { BuilderError, builderError } from '../../shared/errors.ts';

function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;
}

/** Says of a failed read of an input what it means; errors of ours pass through. */
export function toInputError(file: string, error: unknown): unknown {
  const code = systemCode(error);
  if (error instanceof BuilderError || code === null) return error;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return builderError('input-not-found', { file }, error);
  return builderError('input-unreadable', { file, reason: code }, error);
}

/** Says of a failed write of an output what it means; errors of ours pass through. */
export function toOutputError(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (error instanceof BuilderError || code === null) return error;
  switch (code) {
    case 'EEXIST':
    case 'ENOTEMPTY':
      return builderError('output-exists', { path }, error);
    case 'ENOSPC':
    case 'EDQUOT':
      return builderError('output-full', { path }, error);
    case 'EPERM':
      return blockedBySystem(path, error) ?? unwritable(path, code, error);
    case 'EACCES':
    case 'EROFS':
    case 'ENOENT':
    case 'ENOTDIR':
      return unwritable(path, code, error);
    default:
      return builderError('output-write-failed', { path, reason: code }, error);
  }
}

function unwritable(path: string, reason: string, error: unknown): BuilderError {
  return builderError('output-unwritable', { path, reason }, error);
}

/**
 * What EPERM means besides permissions: on Windows controlled folder access, on macOS that the person has
 * not allowed the app into Documents, Desktop or a removable volume. Null elsewhere.
 */
function blockedBySystem(path: string, error: unknown): BuilderError | null {
  if (process.platform === 'win32')
    return builderError('output-blocked-by-windows', { path }, error);
  if (process.platform === 'darwin')
    return builderError('output-blocked-by-macos', { path }, error);
  return null;
}
