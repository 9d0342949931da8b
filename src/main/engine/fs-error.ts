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
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOENT':
    case 'ENOTDIR':
      return builderError('output-unwritable', { path, reason: code }, error);
    default:
      return builderError('output-write-failed', { path, reason: code }, error);
  }
}
