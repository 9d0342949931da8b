import type { Stats } from 'node:fs';
import { resolve } from 'node:path';
import { statSync } from '../files/files.ts';
import { builderError } from '../../shared/errors.ts';
import type { ImageRequest, OutputRequest } from '../../shared/model/job.ts';
import { STDOUT } from '../jobs/index.ts';
import type { OutputFormat } from './args.ts';
import { isStdout } from './stdout.ts';

/**
 * An absolute path of Windows, which would be taken for an image of the ECU “C”. Elsewhere `c:/images/a.tgz`
 * means what it says: ECU “c”, and an absolute path.
 */
const DRIVE_LETTER = { windows: /^[a-z]:[\\/]/iu, others: /^[a-z]:\\/iu } as const;

/**
 * Reads `<ECU_ID>:<PATH>[:<VERSION>]`, or `<PATH>` of an image that names its ECUs. The ECU id ends at the first colon; the version starts at the
 * last one if the part before it is an existing path. So `C:\…` and names with colons work.
 * @param cwd folder that relative paths are relative to.
 * @throws `image-argument-malformed`, `usage-image-drive-letter`.
 */
export function readImageArgument(argument: string, cwd: string): ImageRequest {
  if (DRIVE_LETTER[process.platform === 'win32' ? 'windows' : 'others'].test(argument))
    throw builderError('usage-image-drive-letter', { argument });
  const first = argument.indexOf(':');
  // A finished image, or one of the newer format, names its ECUs itself.
  if (first === -1 && argument !== '' && statsOf(resolve(cwd, argument)) !== null)
    return { path: resolve(cwd, argument), ecuId: null, version: null, releaseKey: null };
  const rest = argument.slice(first + 1);
  if (first === -1 || rest === '') throw builderError('image-argument-malformed', { argument });
  const ecuId = first === 0 ? null : argument.slice(0, first);
  const last = rest.lastIndexOf(':');
  const before = resolve(cwd, rest.slice(0, Math.max(0, last)));
  const hasVersion = last > 0 && statsOf(before) !== null;
  return {
    path: hasVersion ? before : resolve(cwd, rest),
    ecuId,
    version: hasVersion ? rest.slice(last + 1) : ecuId === null ? null : '',
    releaseKey: null,
  };
}

/**
 * What an output's name says it is. `-` is standard output.
 * @throws `usage-output-kind` where it says nothing, `usage-stream-kind`.
 */
export function readOutputArgument(
  argument: string,
  format: OutputFormat | null,
  size: number | null,
  cwd: string,
): OutputRequest {
  if (isStdout(argument)) {
    if ((format ?? 'tar') !== 'tar') throw builderError('usage-stream-kind', { path: argument });
    return { kind: 'tar', path: STDOUT };
  }
  const path = resolve(cwd, argument);
  // Empty is what a shell makes of a variable that is not set; it would name the current folder.
  const kind = argument === '' ? null : (format ?? kindOf(argument, path));
  if (kind === null) throw builderError('usage-output-kind', { path: argument });
  return kind === 'img' ? { kind, path, size } : { kind, path };
}

function kindOf(argument: string, path: string): OutputFormat | null {
  const stats = statsOf(path);
  if (/[/\\]$/.test(argument) || stats?.isDirectory() === true) return 'folder';
  if (argument.endsWith('.tar')) return 'tar';
  if (argument.endsWith('.img')) return 'img';
  // A pipe takes nothing else. A device is refused later, by what it is.
  return stats === null || stats.isFile() ? null : 'tar';
}

/** null also for what cannot be reached: what opens it says why. */
function statsOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}
