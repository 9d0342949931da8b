import type { MountEntry } from './mountinfo.ts';

/** `/media/<user>/<name>` and `/run/media/<user>/<name>`: where udisks2 mounts for a person's session. */
const SESSION_FOLDER = /^(\/(?:run\/)?media\/[^/]+)\/[^/]/;

/**
 * Whether a person's desktop has mounted it, so that we may unmount it again. Everything else belongs to
 * the system or to its administrator:
 *
 * - One level, `/media/<name>`, says nothing of who mounted it: usbmount and desktops of old did, but
 *   so do fstab (`/media/cdrom`) and overlayroot, which keeps the running system's own disk at
 *   `/media/root-ro`. Its mounts below that, such as `/media/root-ro/home`, look like two levels: there
 *   the "user's" folder is a mount itself.
 * - What /etc/fstab names was put there by the administrator, also where it looks like a session's.
 *
 * @param fstab mount points of /etc/fstab
 */
export function isSessionMount(
  { mountPoint }: Pick<MountEntry, 'mountPoint'>,
  table: readonly MountEntry[],
  fstab: readonly string[],
): boolean {
  const userFolder = SESSION_FOLDER.exec(mountPoint)?.[1];
  if (userFolder === undefined || mountPoint.split('/').includes('..')) return false;
  if (fstab.includes(mountPoint)) return false;
  return !table.some((other) => other.mountPoint === userFolder);
}
