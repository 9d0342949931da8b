import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { builderError } from '../../shared/errors.ts';
import type { Drive, DriveKind, DriveMount, DrivePartition } from '../../shared/model/drive.ts';
import type { DriveSource } from './drive-source.ts';
import { parsePlist, type PlistValue } from './plist.ts';

/** By its whole path, so that nothing of a search path comes between. */
export const DISKUTIL = '/usr/sbin/diskutil';

/** `diskutil list -plist` and, by BSD name, `diskutil info -plist` of every whole disk. */
export interface MacSnapshot {
  readonly list: string;
  readonly info: Readonly<Record<string, string>>;
}

export const macDrives: DriveSource = {
  list: async () => {
    try {
      return assembleMacDrives(await takeSnapshot());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw builderError('drive-list-failed', { reason }, error);
    }
  },
};

type Dict = Readonly<Record<string, PlistValue>>;

/** Pure: physical disks and disk images; synthesized APFS disks count for the disk that stores them. */
export function assembleMacDrives(snapshot: MacSnapshot): Drive[] {
  const disks = dicts(dict(parsePlist(snapshot.list))['AllDisksAndPartitions']);
  return disks
    .filter((disk) => disk['APFSPhysicalStores'] === undefined)
    .flatMap((disk) => {
      const info = snapshot.info[text(disk['DeviceIdentifier']) ?? ''];
      return info === undefined ? [] : [drive(disk, dict(parsePlist(info)), disks)];
    });
}

function drive(disk: Dict, info: Dict, disks: readonly Dict[]): Drive {
  const name = text(disk['DeviceIdentifier']) ?? '';
  const parts = dicts(disk['Partitions']);
  const names = [name, ...parts.map((part) => text(part['DeviceIdentifier']) ?? '')];
  const containers = disks.filter((other) =>
    dicts(other['APFSPhysicalStores']).some((store) =>
      names.includes(text(store['DeviceIdentifier']) ?? ''),
    ),
  );
  const volumes = [disk, ...parts, ...containers.flatMap((other) => dicts(other['APFSVolumes']))];
  const mounts = volumes.flatMap(mountsOf);
  const transport = text(info['BusProtocol']);
  return {
    identity: {
      path: `/dev/${name}`,
      // diskutil tells no serial number; the media's registry entry is new at every plug-in.
      serial: null,
      model: text(info['MediaName']),
      size: number(info['TotalSize']) ?? number(info['Size']) ?? number(disk['Size']) ?? 0,
      transport,
      deviceNumber: name,
      generation: text(info['DiskUUID']) ?? text(info['DeviceTreePath']) ?? '',
    },
    kind: kindOf(info, transport),
    vendor: null,
    port: null,
    readOnly: info['WritableMedia'] === false,
    partitions: parts.map(partition),
    labels: volumes.flatMap((volume) => text(volume['VolumeName']) ?? []),
    mounts,
    swaps: [],
    holders: [],
    // Swap, recovery and pre-boot volumes of the running system are marked so by diskutil.
    system: info['SystemImage'] === true || mounts.some((mount) => mount.path === '/'),
  };
}

function kindOf(info: Dict, transport: string | null): DriveKind {
  if (transport === 'Disk Image') return 'loop';
  if (info['VirtualOrPhysical'] === 'Virtual') return 'fixed';
  if (transport === 'Secure Digital') return 'sd';
  return transport === 'USB' && info['Internal'] !== true ? 'usb' : 'fixed';
}

function mountsOf(volume: Dict): DriveMount[] {
  const device = `/dev/${text(volume['DeviceIdentifier']) ?? ''}`;
  // The sealed system volume is mounted by a snapshot of it.
  const snapshots = dicts(volume['MountedSnapshots']).map((entry) => entry['SnapshotMountPoint']);
  return [volume['MountPoint'], ...snapshots].flatMap((value) => {
    const path = text(value);
    return path === null ? [] : [{ path, device, pinned: false }];
  });
}

function partition(part: Dict): DrivePartition {
  const name = text(part['DeviceIdentifier']) ?? '';
  const size = number(part['Size']) ?? 0;
  return { path: `/dev/${name}`, deviceNumber: name, size, label: text(part['VolumeName']) };
}

async function takeSnapshot(): Promise<MacSnapshot> {
  const list = await diskutil(['list', '-plist']);
  const names = dicts(dict(parsePlist(list))['AllDisksAndPartitions']).flatMap(
    (disk) => text(disk['DeviceIdentifier']) ?? [],
  );
  const info: Record<string, string> = {};
  // A disk that was pulled in between has no information and is left out.
  for (const name of names) info[name] = await diskutil(['info', '-plist', name]).catch(() => '');
  return {
    list,
    info: Object.fromEntries(Object.entries(info).filter(([, xml]) => xml !== '')),
  };
}

async function diskutil(args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(DISKUTIL, args, {
    timeout: 20_000,
    maxBuffer: 16 << 20,
  });
  return stdout;
}

function dict(value: PlistValue | undefined): Dict {
  return typeof value === 'object' && !Array.isArray(value) ? (value as Dict) : {};
}

function dicts(value: PlistValue | undefined): Dict[] {
  return Array.isArray(value) ? (value as readonly PlistValue[]).map(dict) : [];
}

function text(value: PlistValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function number(value: PlistValue | undefined): number | null {
  return typeof value === 'number' ? value : null;
}
