import { constants } from 'node:fs';
import { open, readdir, readlink, stat } from 'node:fs/promises';
import { blockDeviceNumber } from './device-number.ts';
import type { BlockNode } from './lsblk.ts';
import { descendants } from './trace-mounts.ts';

/**
 * Whether the kernel keeps a block device for somebody: a mounted filesystem (of any container, of any
 * type), swap, device mapper, RAID, ZFS, or a program that opened it with O_EXCL. The kernel alone knows
 * all of them. Asked by trying: a claim for the blink of an eye, for reading, that changes nothing.
 *
 * A whole disk counts as claimed when one of its partitions is (kernel: bd_may_claim()).
 * @returns null where it cannot be said: we may not open it, or it is gone.
 */
export async function isClaimed(path: string): Promise<boolean | null> {
  const { O_RDONLY, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    const handle = await open(path, O_RDONLY | O_EXCL | O_NOFOLLOW | O_NONBLOCK);
    await handle.close();
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EBUSY') return true;
    // A reader without a card.
    return code === 'ENOMEDIUM' || code === 'ENXIO' ? false : null;
  }
}

/**
 * Kernel names of the devices that are claimed by others than this process; what cannot be asked counts. One by
 * one: claims of ours for a disk and for its partitions would meet.
 */
export async function claimedDevices(disks: readonly BlockNode[]): Promise<string[]> {
  const ours = await openDevices();
  const claimed: string[] = [];
  for (const disk of disks) {
    // The kernel gives a whole disk to one claim only: it is ours, and so is all that is on it.
    if (ours.has(disk.deviceNumber)) continue;
    for (const { kname, path, size, deviceNumber } of descendants(disk))
      if (size > 0 && !ours.has(deviceNumber) && (await isClaimed(path)) !== false)
        claimed.push(kname);
  }
  return claimed;
}

/** Numbers of the block devices that this process has open. */
async function openDevices(): Promise<ReadonlySet<string | null>> {
  const links = (await readdir('/proc/self/fd')).map((name) => `/proc/self/fd/${name}`);
  const numbers = links.map(async (link) => {
    const path = await readlink(link).catch(() => '');
    if (!path.startsWith('/dev/')) return null;
    return await stat(link).then(blockDeviceNumber, () => null);
  });
  return new Set(await Promise.all(numbers));
}
