import { constants } from 'node:fs';
import { open, readdir, readFile, readlink, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builderError } from '../../shared/errors.ts';
import { parseMountinfo } from '../drives/mountinfo.ts';
import { BlockDevice } from './block-device.ts';
import type { WriterPlatform, WriterTarget } from './platform.ts';
import { runTool } from './run-tool.ts';

const UMOUNT = ['/usr/bin/umount', '/bin/umount'];
const BLOCKDEV = ['/usr/sbin/blockdev', '/sbin/blockdev'];
const EJECT = ['/usr/bin/eject', '/bin/eject'];

export const linuxPlatform: WriterPlatform = {
  unmount: async (target) => {
    const numbers = deviceNumbers(target);
    const mounts = parseMountinfo(await readFile('/proc/self/mountinfo', 'utf8'))
      // Compared as whole numbers: /dev/sdb1 is no part of the name of /dev/sdb10.
      .filter((mount) => numbers.includes(mount.device))
      // What was mounted last may lie within what was mounted first.
      .toReversed();
    for (const { mountPoint } of mounts) {
      try {
        await runTool(UMOUNT, ['--no-canonicalize', '--', mountPoint]);
      } catch (error) {
        const user = await programsUsing([], mountPoint);
        const params = { drive: target.name, mount: mountPoint, user };
        throw builderError('drive-unmount-failed', params, error);
      }
    }
  },

  open: async (target, scratch) => {
    const { path, deviceNumber, size } = target.identity;
    const { O_RDWR, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_DIRECT } = constants;
    // O_EXCL on a block device: nobody may have it mounted or otherwise claimed, nor claim it later.
    // O_NOFOLLOW: the path was checked; a link put in its place since was not.
    const flags = O_RDWR | O_EXCL | O_NOFOLLOW | O_NONBLOCK;
    let direct = true;
    const handle = await open(path, flags | O_DIRECT).catch(async (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
      direct = false;
      return await open(path, flags);
    });
    try {
      const stats = await handle.stat();
      const opened = `${major(stats.rdev)}:${minor(stats.rdev)}`;
      if (!stats.isBlockDevice() || opened !== deviceNumber)
        throw builderError('drive-changed', { drive: target.name });
      return new BlockDevice(handle, scratch, {
        size,
        blockSize: await logicalBlockSize(deviceNumber),
        direct,
        dropCache: async () => {
          await runTool(BLOCKDEV, ['--flushbufs', path]);
        },
      });
    } catch (error) {
      await handle.close();
      throw error;
    }
  },

  usersOf: (target) => programsUsing([target.identity.path, ...partitionPaths(target)], null),

  reread: async (target) => {
    if (target.partition === null) await runTool(BLOCKDEV, ['--rereadpt', target.identity.path]);
  },

  eject: async (target) => {
    const { kind, identity } = target.drive;
    if (kind !== 'usb' && kind !== 'sd') throw new Error('it is not removable');
    await runTool(EJECT, ['--no-unmount', '--no-partitions-unmount', identity.path]).catch(() =>
      runTool(EJECT, [identity.path]),
    );
    const port = await usbDeviceOf(identity.deviceNumber);
    if (port === null) return;
    // What "safely remove" does on desktops: the port is powered down, the light goes out.
    await writeFile(join(port, 'remove'), '1').catch(() => undefined);
  },
};

/** The kernel's encoding of device numbers in st_rdev, as glibc's gnu_dev_major has it. */
function major(rdev: number): number {
  const number = BigInt(rdev);
  return Number(((number >> 8n) & 0xfffn) | ((number >> 32n) & ~0xfffn));
}

function minor(rdev: number): number {
  const number = BigInt(rdev);
  return Number((number & 0xffn) | ((number >> 12n) & ~0xffn));
}

function deviceNumbers({ drive, identity, partition }: WriterTarget): string[] {
  if (partition !== null) return [identity.deviceNumber];
  return [identity.deviceNumber, ...drive.partitions.map((part) => part.deviceNumber)];
}

function partitionPaths({ drive, partition }: WriterTarget): string[] {
  return partition === null ? drive.partitions.map((part) => part.path) : [];
}

/** In bytes. A partition has no queue of its own; its disk's is one folder up. */
async function logicalBlockSize(deviceNumber: string): Promise<number> {
  const folder = await realpath(`/sys/dev/block/${deviceNumber}`);
  for (const queue of [join(folder, 'queue'), join(folder, '..', 'queue')]) {
    const text = await readFile(join(queue, 'logical_block_size'), 'utf8').catch(() => null);
    if (text !== null) return Number(text);
  }
  return 4096;
}

/**
 * The sysfs folder of the USB device, if the disk is all that it has: switching off a reader with
 * several slots would take the other cards away too.
 */
async function usbDeviceOf(deviceNumber: string): Promise<string | null> {
  const disk = await realpath(`/sys/dev/block/${deviceNumber}`).catch(() => null);
  const match = disk === null ? null : /^(\/sys\/devices\/.*\/usb\d+\/[^:]*\d)\/[^/]*:/.exec(disk);
  const folder = match?.[1];
  if (folder === undefined) return null;
  const disks = await readdir('/sys/block');
  const links = await Promise.all(disks.map((name) => realpath(`/sys/block/${name}`)));
  return links.filter((link) => link.startsWith(`${folder}/`)).length === 1 ? folder : null;
}

/** Names of programs that have one of `devices` open, or a file below `folder`. */
async function programsUsing(devices: readonly string[], folder: string | null): Promise<string> {
  const names = new Set<string>();
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) continue;
    const uses = await pathsOf(pid);
    const busy = uses.some(
      (path) =>
        devices.includes(path) ||
        (folder !== null && (path === folder || path.startsWith(`${folder}/`))),
    );
    if (!busy) continue;
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => pid);
    names.add(`${name.trim()} (${pid})`);
  }
  return [...names].join(', ');
}

/** Open files, working folder and root of a process; nothing when it has ended. */
async function pathsOf(pid: string): Promise<string[]> {
  const folder = `/proc/${pid}`;
  const files = await readdir(`${folder}/fd`).catch(() => []);
  const links = [`${folder}/cwd`, `${folder}/root`, ...files.map((file) => `${folder}/fd/${file}`)];
  return await Promise.all(links.map((link) => readlink(link).catch(() => '')));
}
