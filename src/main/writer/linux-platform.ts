import { constants } from 'node:fs';
import { open, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builderError } from '../../shared/errors.ts';
import { sameIdentity, type Drive, type DriveIdentity } from '../../shared/model/drive.ts';
import { isClaimed, withClaim } from '../drives/claims.ts';
import { blockDeviceNumber } from '../drives/device-number.ts';
import { readFstab } from '../drives/linux-snapshot.ts';
import { parseFstab, parseMountinfo, type MountEntry } from '../drives/mountinfo.ts';
import { isSessionMount } from '../drives/session-mount.ts';
import { systemDrives } from '../drives/system-drives.ts';
import { BlockDevice } from './block-device.ts';
import { portToSwitchOff } from './linux-port.ts';
import { askBlkid } from './linux-recognition.ts';
import { mountsFrom, programsHolding, programsWriting, type DevicePart } from './linux-users.ts';
import { usesBelow, usesOf } from './linux-uses.ts';
import type { WriterPlatform, WriterTarget } from './platform.ts';
import { runTool } from './run-tool.ts';

const UMOUNT = ['/usr/bin/umount', '/bin/umount'];
const BLOCKDEV = ['/usr/sbin/blockdev', '/sbin/blockdev'];
const EJECT = ['/usr/bin/eject', '/bin/eject'];

export const linuxPlatform: WriterPlatform = {
  usersOutOfSight: async ({ drive }) => {
    const mounted = new Set(drive.mounts.map(({ device }) => device));
    // The kernel counts the claims of partitions for the disk too.
    const parts = drive.partitions.length > 0 ? drive.partitions : [drive.identity];
    for (const part of parts)
      if (!mounted.has(part.path) && (await isClaimed(part.path)) === true)
        return (await usesOf([part])) || part.path;
    return '';
  },

  unmount: async (target) => {
    const table = parseMountinfo(await readFile('/proc/self/mountinfo', 'utf8'));
    // What was mounted last may lie within what was mounted first.
    const own = mountsFrom(table, partsOf(target)).toReversed();
    const blocked = mountInTheWay(own, table, parseFstab(await readFstab()));
    if (blocked !== null)
      throw builderError('drive-mounted-elsewhere', { drive: target.name, mount: blocked });
    for (const { mountPoint } of own) {
      try {
        await runTool(UMOUNT, ['--no-canonicalize', '--', mountPoint]);
      } catch (error) {
        const user = await usesBelow(mountPoint);
        const params = { drive: target.name, mount: mountPoint, user };
        throw builderError('drive-unmount-failed', params, error);
      }
    }
  },

  // Linux writes over whatever a disk holds.
  mayStayMounted: false,
  clear: () => Promise.resolve(),

  open: async (target, scratch) => {
    const { path, deviceNumber, size } = target.identity;
    const { O_RDONLY, O_RDWR, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_DIRECT } = constants;
    // The kernel itself keeps a job that only reads from writing.
    const mode = target.access === 'write' ? O_RDWR : O_RDONLY;
    // O_EXCL on a block device: fails where it is mounted or otherwise claimed, and keeps others from claiming it.
    // O_NOFOLLOW: the path was checked; a link put in its place since was not.
    const flags = mode | O_EXCL | O_NOFOLLOW | O_NONBLOCK;
    let direct = true;
    const handle = await withClaim(() =>
      open(path, flags | O_DIRECT).catch(async (error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
        direct = false;
        return await open(path, flags);
      }),
    );
    try {
      if (blockDeviceNumber(await handle.stat()) !== deviceNumber)
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

  programsOf: async (target) => (await programsHolding(partsOf(target))).join(', '),
  // The whole disk may be claimed for a partition, and the other way round.
  usersOf: (target) => usesOf([target.drive.identity, ...partsOf(target)]),
  // What writes to the whole disk writes to the partition.
  othersWriting: async (target) =>
    (await programsWriting([target.drive.identity, ...partsOf(target)])).join(', '),

  recognise: ({ identity }) => askBlkid(identity.path),

  reread: async (target) => {
    if (target.partition === null) await runTool(BLOCKDEV, ['--rereadpt', target.identity.path]);
  },

  closesBeforeEject: false,
  eject: async (target) => {
    const { kind, identity } = target.drive;
    // A card in a slot of the computer's own has no port to switch off, and eject(1) refuses it.
    if (kind === 'sd') return;
    if (kind !== 'usb') throw new Error('it is not removable');
    const use = otherUse(await systemDrives.list(), identity);
    if (use !== null) throw new Error(use);
    await runTool(EJECT, ['--no-unmount', '--no-partitions-unmount', identity.path]).catch(() =>
      runTool(EJECT, [identity.path]),
    );
    const port = await portToSwitchOff(identity.deviceNumber);
    if (port === null) return;
    // What "safely remove" does on desktops: the port is powered down, the light goes out.
    await writeFile(join(port, 'remove'), '1').catch(() => undefined);
  },
};

/**
 * Why a disk must stay switched on; null when nothing uses it. Where one partition was written, another
 * may have come into use since: mounted, as swap, below LUKS, LVM or RAID, whose mounts have numbers of
 * their own. Without power it would lose data.
 * @param drives as the system lists them now. @param disk the disk as it was when the job began.
 */
export function otherUse(drives: readonly Drive[], disk: DriveIdentity): string | null {
  const now = drives.find(({ identity }) => sameIdentity(identity, disk));
  if (now === undefined) return 'it is not the drive any more that was opened';
  const [mount] = now.mounts;
  if (mount !== undefined) return `it is also mounted at ${mount.path}`;
  const [user] = [...now.swaps, ...now.holders];
  return user === undefined ? null : `it is also used by ${user}`;
}

/**
 * A mount of the target that must stay; null when all may be unmounted. umount(8) takes a path and unmounts
 * what lies on top there: where another filesystem was mounted over ours, that would be the other one.
 */
export function mountInTheWay(
  own: readonly MountEntry[],
  table: readonly MountEntry[],
  fstab: readonly string[],
): string | null {
  const others = table.filter((entry) => !own.includes(entry));
  const blocked = own.find(
    (mount) =>
      !isSessionMount(mount, table, fstab) ||
      others.some(
        ({ parent, mountPoint }) => parent === mount.id && mountPoint === mount.mountPoint,
      ),
  );
  return blocked?.mountPoint ?? null;
}

/** The device itself and, where it is a whole disk, its partitions. */
function partsOf({ drive, identity, partition }: WriterTarget): readonly DevicePart[] {
  return partition === null ? [identity, ...drive.partitions] : [identity];
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
