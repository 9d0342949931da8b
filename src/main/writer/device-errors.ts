import { setTimeout as sleep } from 'node:timers/promises';
import { BuilderError, builderError } from '../../shared/errors.ts';
import { findDrive } from '../../shared/model/drive.ts';
import { systemDrives } from '../drives/system-drives.ts';
import type { WriterPlatform, WriterTarget } from './platform.ts';

/** The kernel fails requests a moment before it takes the device out of its lists. */
const UNPLUG_TIMEOUT_MS = 1_500;

/** What the writer was doing when the system reported an error. */
export type Operation =
  { readonly kind: 'open' } | { readonly kind: 'write' | 'read'; readonly offset: number };

/**
 * Turns an error of the system into what it means. An unplugged device reports EIO, ENODEV and even
 * ENOSPC, so the drive list decides: "full" would be wrong for a device that is gone.
 */
export async function toDriveError(
  error: unknown,
  operation: Operation,
  target: WriterTarget,
  platform: WriterPlatform,
): Promise<BuilderError> {
  if (error instanceof BuilderError) return error;
  const drive = target.name;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const reason = code !== '' ? code : error instanceof Error ? error.message : String(error);
  if (code === 'EPERM' && process.platform === 'win32')
    return builderError('drive-blocked-by-windows', { drive }, error);
  if (code === 'EPERM' && process.platform === 'darwin')
    return builderError('drive-blocked-by-macos', { drive }, error);
  if (code === 'EROFS' || code === 'EPERM')
    return builderError('drive-read-only', { drive }, error);
  if (code === 'EBUSY')
    return builderError('drive-busy', { drive, user: await platform.usersOf(target) }, error);
  if (code === 'ELOOP') return builderError('drive-changed', { drive }, error);
  if (await isGone(target)) return builderError('drive-unplugged', { drive }, error);
  if (operation.kind === 'open') return builderError('drive-open-failed', { drive, reason }, error);
  const { offset } = operation;
  return operation.kind === 'write'
    ? builderError('drive-write-failed', { drive, offset, reason }, error)
    : builderError('drive-read-failed', { drive, offset, reason }, error);
}

async function isGone(target: WriterTarget): Promise<boolean> {
  const deadline = performance.now() + UNPLUG_TIMEOUT_MS;
  do {
    const drives = await systemDrives.list().catch(() => null);
    if (drives !== null && findDrive(drives, target.identity) === null) return true;
    await sleep(100);
  } while (performance.now() < deadline);
  return false;
}
