import type { DiskFacts, LinuxSnapshot } from '../../src/main/drives/linux-snapshot.ts';
import { judgeDrive } from '../../src/shared/drive-verdict.ts';
import type { Drive } from '../../src/shared/model/drive.ts';

/** A device as lsblk writes it. */
export type Node = Record<string, unknown>;

export function node(kname: string, number: string, type: string, rest: Node = {}): Node {
  return {
    ...{ kname, path: `/dev/${kname}`, 'maj:min': number, type, ro: false, size: 64e9 },
    ...{ tran: null, model: null, vendor: null, serial: null, wwn: null, label: null },
    ...rest,
  };
}

/** What a test says of a recorded machine; it has nothing else. */
export interface Machine extends Partial<
  Pick<LinuxSnapshot, 'swaps' | 'fstab' | 'filesystems' | 'realPaths' | 'claimed'>
> {
  readonly blockdevices: readonly Node[];
  readonly mounts?: readonly string[];
  readonly disks?: Readonly<Record<string, Partial<DiskFacts>>>;
}

export function snapshot({
  blockdevices,
  mounts = [],
  disks = {},
  ...rest
}: Machine): LinuxSnapshot {
  const facts = Object.entries(disks).map(([name, disk]) => [
    name,
    { generation: '1', cardType: null, port: null, backingFile: null, ...disk },
  ]);
  return {
    ...{ fstab: '', filesystems: [], realPaths: {}, claimed: null, ...rest },
    lsblk: JSON.stringify({ blockdevices }),
    mountinfo: mounts.join('\n'),
    swaps: `Filename\tType\tSize\n${rest.swaps ?? ''}`,
    disks: Object.fromEntries(facts) as Record<string, DiskFacts>,
  };
}

let lastId = 100;

/** A line of mountinfo. Octal escapes are the caller's. */
export function mount(
  device: string,
  point: string,
  source: string,
  { type = 'ext4', options = 'rw' } = {},
): string {
  return `${lastId++} 1 ${device} / ${point} rw,relatime shared:1 master:2 - ${type} ${source} ${options}`;
}

/** Why the drive may not be erased, with --allow-fixed or without; `usable` where it may. */
export function reasonOf(drive: Drive, allowFixed = false): string {
  const verdict = judgeDrive(drive, { allowFixed, minimumSize: 0 });
  return verdict.usable ? 'usable' : verdict.reason.code;
}
