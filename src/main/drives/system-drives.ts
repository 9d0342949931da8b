import { builderError } from '../../shared/errors.ts';
import type { DriveSource } from './drive-source.ts';
import { linuxDrives } from './linux.ts';
import { macDrives } from './mac.ts';
import { windowsDrives } from './windows.ts';

const ADAPTERS: Partial<Record<NodeJS.Platform, DriveSource>> = {
  linux: linuxDrives,
  darwin: macDrives,
  win32: windowsDrives,
};

/** The drives of the computer that this runs on. */
export const systemDrives: DriveSource = {
  list: () => {
    const adapter = ADAPTERS[process.platform];
    if (adapter === undefined)
      throw builderError('drive-list-failed', { reason: `unknown system ${process.platform}` });
    return adapter.list();
  },
};

/**
 * Where a host that starts the app's main module in its own process may leave a DriveSource, as
 * tests do. No environment variable and no argument reaches it: only code that already runs inside
 * the process can set it. The elevated writer is another process and never looks here.
 */
const HANDED_IN = Symbol.for('offline-ota-image-builder.drive-source');

/** The source that the app and the command line list from. */
export function driveSource(): DriveSource {
  return (globalThis as { [HANDED_IN]?: DriveSource })[HANDED_IN] ?? systemDrives;
}

/** For such hosts: everything listed from now on in this process comes from `source`. */
export function handInDriveSource(source: DriveSource): void {
  (globalThis as { [HANDED_IN]?: DriveSource })[HANDED_IN] = source;
}
