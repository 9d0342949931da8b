import type { Drive, DriveKind, DriveMount } from '../../shared/model/drive.ts';
import { claimedDevices } from './claims.ts';
import type { DriveSource } from './drive-source.ts';
import { NOT_DRIVES, takeSnapshot, type DiskFacts, type LinuxSnapshot } from './linux-snapshot.ts';
import { parseLsblk, type BlockNode } from './lsblk.ts';
import { parseFstab, parseMountinfo, parseSwaps, type MountEntry } from './mountinfo.ts';
import { isSessionMount } from './session-mount.ts';
import { descendants, traceMounts, type Trace, type Tracer } from './trace-mounts.ts';

export const linuxDrives: DriveSource = {
  list: async () => {
    const snapshot = await takeSnapshot();
    const machine = readMachine(snapshot);
    if (machine.systemFound || process.geteuid?.() !== 0) return assemble(machine);
    return assemble({ ...machine, claimed: await claimedDevices(machine.nodes) });
  },
};

/** Pure: the drives of a snapshot. Throws `drive-list-failed`. */
export function assembleLinuxDrives(snapshot: LinuxSnapshot): Drive[] {
  return assemble(readMachine(snapshot));
}

/** Where the running system is: what is mounted right there must come from somewhere. */
const SYSTEM_ROOTS: readonly string[] = ['/', '/usr', '/etc', '/var', '/boot', '/boot/efi', '/efi'];

interface TracedMount {
  readonly mount: MountEntry;
  readonly trace: Trace;
  /** A person's desktop has put it where it is. */
  readonly session: boolean;
}

interface Machine extends Pick<LinuxSnapshot, 'disks' | 'filesystems' | 'claimed'> {
  readonly nodes: readonly BlockNode[];
  readonly mounts: readonly TracedMount[];
  readonly swaps: readonly string[];
  readonly tracer: Tracer;
  /** false: some of the running system's disks cannot be identified. */
  readonly systemFound: boolean;
}

function readMachine(snapshot: LinuxSnapshot): Machine {
  const { disks, filesystems, claimed, realPaths } = snapshot;
  const nodes = parseLsblk(snapshot.lsblk);
  const table = parseMountinfo(snapshot.mountinfo);
  const fstab = parseFstab(snapshot.fstab);
  const loopFiles = new Map(
    Object.entries(disks).flatMap(([name, { backingFile }]) =>
      backingFile === null ? [] : [[name, withoutMark(backingFile)] as const],
    ),
  );
  const tracer = traceMounts({ mounts: table, disks: nodes, loopFiles, filesystems, realPaths });
  const mounts = table.map((mount) => ({
    mount,
    trace: tracer.mount(mount),
    session: isSessionMount(mount, table, fstab),
  }));
  const systemFound = mounts.every(
    ({ mount, trace }) => trace.complete || !SYSTEM_ROOTS.includes(mount.mountPoint),
  );
  const swaps = parseSwaps(snapshot.swaps);
  return { nodes, mounts, swaps, disks, filesystems, claimed, tracer, systemFound };
}

function assemble(machine: Machine): Drive[] {
  return machine.nodes
    .filter((node) => isDrive(node, machine.disks[node.kname]))
    .map((node) => drive(node, machine));
}

function isDrive(node: BlockNode, facts: DiskFacts | undefined): boolean {
  if (NOT_DRIVES.test(node.kname)) return false;
  if (node.type === 'loop') return node.size > 0 && facts?.backingFile !== null;
  // The boot areas of eMMC are disks of their own, but part of the board.
  return node.type === 'disk' && !/^mmcblk\d+(boot|rpmb|gp)/.test(node.kname);
}

function drive(disk: BlockNode, machine: Machine): Drive {
  const all = descendants(disk);
  const facts = machine.disks[disk.kname];
  const kind = kindOf(disk, facts);
  const cardTransport = kind === 'sd' ? 'sd' : null;
  return {
    identity: {
      path: disk.path,
      serial: disk.serial ?? disk.wwn,
      model: disk.model ?? (kind === 'loop' ? (facts?.backingFile ?? null) : null),
      size: disk.size,
      transport: disk.transport ?? cardTransport,
      deviceNumber: disk.deviceNumber,
      generation: facts?.generation ?? '',
    },
    kind,
    vendor: disk.vendor,
    port: facts?.port ?? null,
    readOnly: disk.readOnly,
    partitions: disk.children
      .filter((node) => node.type === 'part')
      .map(({ path, deviceNumber, size, label }) => ({ path, deviceNumber, size, label })),
    labels: all.flatMap((node) => (node.label === null ? [] : [node.label])),
    mounts: all.flatMap((node) => mountsOf(node, machine)),
    swaps: swapsOn(all, machine),
    holders: holdersOf(disk, all, machine),
    system: mayHoldSystem(all, machine) ? 'maybe' : false,
  };
}

function kindOf(disk: BlockNode, facts: DiskFacts | undefined): DriveKind {
  if (disk.type === 'loop') return 'loop';
  if (disk.transport === 'usb') return 'usb';
  // eMMC says MMC here: it is soldered to the board.
  if (facts?.cardType === 'SD') return 'sd';
  return 'fixed';
}

/** /proc/swaps and loop devices tell the node that a link such as /dev/mapper/vg-swap leads to. */
function namesOf({ path, kname }: BlockNode): string[] {
  return [path, `/dev/${kname}`];
}

/** What is mounted from a node, and what the system has mounted that is made of it. */
function mountsOf({ kname, path }: BlockNode, { mounts }: Machine): DriveMount[] {
  return mounts
    .filter(({ trace, session }) => trace.direct.has(kname) || (!session && trace.all.has(kname)))
    .map(({ mount, session }) => ({ path: mount.mountPoint, device: path, pinned: !session }));
}

/** Nodes that are swap, and files on them that are. */
function swapsOn(all: readonly BlockNode[], { swaps, tracer }: Machine): string[] {
  const paths = all
    .filter((node) => namesOf(node).some((name) => swaps.includes(name)))
    .map(({ path }) => path);
  const files = swaps.filter((path) => !path.startsWith('/dev/') && isOn(all, tracer.path(path)));
  return [...paths, ...files];
}

function holdersOf(disk: BlockNode, all: readonly BlockNode[], machine: Machine): string[] {
  const built = all.filter((node) => node !== disk && node.type !== 'part');
  return [
    ...built.map(({ path }) => path),
    ...loopsOver(all, machine),
    // Overlays and the like that a person has mounted from it: not ours to unmount.
    ...machine.mounts
      .filter(({ trace, session }) => session && isOn(all, trace) && !isDirectlyOn(all, trace))
      .map(({ mount }) => mount.mountPoint),
    ...outOfSight(all, machine),
  ];
}

/** Loop devices that show one of these devices, or a file on them: lsblk tells neither. */
function loopsOver(all: readonly BlockNode[], { disks, tracer }: Machine): string[] {
  return Object.entries(disks)
    .filter(([name]) => !all.some(({ kname }) => kname === name))
    .filter(
      ([, { backingFile }]) =>
        backingFile !== null && isOn(all, tracer.path(withoutMark(backingFile))),
    )
    .map(([name]) => `/dev/${name}`);
}

/**
 * Filesystems that the kernel has in use, yet no mount that we see is theirs: in a container, below an
 * overlay whose parts were mounted before the system began, or as another device of a btrfs.
 */
function outOfSight(all: readonly BlockNode[], { filesystems, mounts }: Machine): string[] {
  return all.flatMap(({ kname, path }) =>
    filesystems
      .filter(({ devices }) => devices.includes(kname))
      .filter(() => !mounts.some(({ trace }) => trace.direct.has(kname)))
      .map(({ type }) => `${type} (${path})`),
  );
}

/**
 * Where the parts of the running system cannot all be found, a disk may be one of them. Root asks the kernel
 * which devices are claimed: those that no mount explains may be. Others can not ask: then a disk is known
 * not to be part of the system only by a session having mounted it.
 */
function mayHoldSystem(
  all: readonly BlockNode[],
  { systemFound, claimed, mounts }: Machine,
): boolean {
  if (systemFound) return false;
  const explained = (node: BlockNode): boolean =>
    mounts.some(({ trace }) => trace.direct.has(node.kname));
  const leaves = all.filter((node) => !all.some((other) => node.children.includes(other)));
  if (claimed !== null)
    return leaves.some((node) => claimed.includes(node.kname) && !explained(node));
  return !mounts.some(({ trace, session }) => session && isDirectlyOn(all, trace));
}

function isOn(all: readonly BlockNode[], { all: devices }: Trace): boolean {
  return all.some(({ kname }) => devices.has(kname));
}

function isDirectlyOn(all: readonly BlockNode[], { direct }: Trace): boolean {
  return all.some(({ kname }) => direct.has(kname));
}

/** sysfs says so of a loop's file that was removed; its bytes are still there. */
function withoutMark(path: string): string {
  return path.replace(/ \(deleted\)$/, '');
}
