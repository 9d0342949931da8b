import { dirname } from 'node:path';
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
      return builderError('output-full', { path }, error);
    case 'EDQUOT':
      return builderError('output-over-quota', { path }, error);
    case 'EFBIG':
      return builderError('output-file-too-large', { path }, error);
    case 'ENOENT':
      return builderError('output-folder-missing', { path, folder: folderOf(path, error) }, error);
    case 'ENOTDIR':
      return builderError('output-folder-is-file', { path, folder: folderOf(path, error) }, error);
    case 'EMLINK':
      return builderError('output-folder-full', { path, folder: folderOf(path, error) }, error);
    case 'ENAMETOOLONG':
      return builderError('output-path-too-long', { path }, error);
    case 'EROFS':
      return builderError('output-read-only', { path }, error);
    case 'EPIPE':
      return builderError('stream-unread', { path }, error);
    case 'EPERM':
      return blockedBySystem(path, error) ?? unwritable(path, code, error);
    case 'EACCES':
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

/** The folder that a failed call was about: the output's own, or one within an output that is a folder. */
function folderOf(path: string, error: unknown): string {
  const at = error instanceof Error && 'path' in error ? String(error.path) : path;
  return at === dirname(path) ? at : dirname(at);
}
