import { constants } from 'node:fs';
import { open, readdir, readlink, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { blockDeviceNumber } from './device-number.ts';
import type { BlockNode } from './lsblk.ts';
import { descendants } from './trace-mounts.ts';

/** How often a claim is looked at again, and after how many milliseconds: who only looks has let go by then. */
const LOOKS = 5;
const BETWEEN_LOOKS_MS = 100;

/**
 * Opens a block device with O_EXCL by `run`, again while the kernel says EBUSY: another process that asks whether
 * the device is claimed (below; the app beside the writer, the writers of other drives) claims it for the blink of
 * an eye. Throws what `run` threw at last.
 */
export async function withClaim<T>(run: () => Promise<T>): Promise<T> {
  for (let look = 1; ; look++) {
    try {
      return await run();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || look === LOOKS) throw error;
      await sleep(BETWEEN_LOOKS_MS);
    }
  }
}

/**
 * Whether the kernel keeps a block device for somebody: a mounted filesystem (of any container, of any
 * type), swap, device mapper, RAID, ZFS, or a program that opened it with O_EXCL. The kernel alone knows
 * all of them. Asked by trying: a claim for the blink of an eye, for reading, that changes nothing.
 *
 * A whole disk counts as claimed when one of its partitions is (kernel: bd_may_claim()).
 * @returns null where it cannot be said: we may not open it, or it is gone.
 */
export async function isClaimed(path: string): Promise<boolean | null> {
  return await judge(withClaim(() => claimOnce(path)));
}

async function claimOnce(path: string): Promise<void> {
  const { O_RDONLY, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(path, O_RDONLY | O_EXCL | O_NOFOLLOW | O_NONBLOCK);
  await handle.close();
}

async function judge(claiming: Promise<void>): Promise<boolean | null> {
  try {
    await claiming;
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EBUSY') return true;
    // A reader without a card.
    return code === 'ENOMEDIUM' || code === 'ENXIO' ? false : null;
  }
}

/**
 * Kernel names of the devices that are claimed by others than this process, and stay so while they are looked at
 * several times; what cannot be asked counts.
 */
export async function claimedDevices(disks: readonly BlockNode[]): Promise<string[]> {
  const ours = await openDevices();
  let claimed = disks
    // The kernel gives a whole disk to one claim only: it is ours, and so is all that is on it.
    .filter((disk) => !ours.has(disk.deviceNumber))
    .flatMap(descendants)
    .filter(({ size, deviceNumber }) => size > 0 && !ours.has(deviceNumber));
  for (let look = 1; look <= LOOKS && claimed.length > 0; look++) {
    if (look > 1) await sleep(BETWEEN_LOOKS_MS);
    const still: BlockNode[] = [];
    // One by one: claims of ours for a disk and for its partitions would meet.
    for (const node of claimed) if ((await judge(claimOnce(node.path))) !== false) still.push(node);
    claimed = still;
  }
  return claimed.map(({ kname }) => kname);
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
