import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { builderError } from '../../shared/errors.ts';
import type { Drive, DriveKind, DriveMount } from '../../shared/model/drive.ts';
import type { DriveSource } from './drive-source.ts';
import { LSBLK_ARGUMENTS, parseLsblk, type BlockNode } from './lsblk.ts';
import { parseMountinfo, parseSwaps, type MountEntry } from './mountinfo.ts';

/** What the kernel tells of one disk beyond lsblk. */
export interface DiskFacts {
  /** Content of /sys/block/<name>/diskseq, or what else tells one plug-in from the next. */
  readonly generation: string;
  /** Content of /sys/block/<name>/device/type; `SD` or `MMC` for cards. */
  readonly cardType: string | null;
  /** Socket of a USB device as the kernel names it: bus, then the way through the hubs. */
  readonly port: string | null;
  /** Loop devices: the file behind it; null when detached. */
  readonly backingFile: string | null;
}

/** Everything that a list is made of, so that a recorded machine can be listed again in a test. */
export interface LinuxSnapshot {
  readonly lsblk: string;
  readonly mountinfo: string;
  readonly swaps: string;
  /** Kernel names of block devices that a btrfs filesystem uses (any of several may be mounted). */
  readonly btrfs: readonly string[];
  /** By kernel name. */
  readonly disks: Readonly<Record<string, DiskFacts>>;
}

/** Disks made of memory or of the network's making: never what a person plugs in. */
const NOT_DRIVES = /^(zram|ram|fd|sr|nbd|dm-|md)\d/;

/** lsblk answers in milliseconds; a hung device must not hang the list for ever. */
const LSBLK_TIMEOUT = 10_000;

export const linuxDrives: DriveSource = {
  list: async () => assembleLinuxDrives(await takeSnapshot()),
};

/** Pure: the drives of a snapshot. Throws `drive-list-failed`. */
export function assembleLinuxDrives(snapshot: LinuxSnapshot): Drive[] {
  const mounts = parseMountinfo(snapshot.mountinfo);
  const swaps = parseSwaps(snapshot.swaps);
  return parseLsblk(snapshot.lsblk)
    .filter((node) => isDrive(node, snapshot.disks[node.kname]))
    .map((node) => drive(node, snapshot, mounts, swaps));
}

function isDrive(node: BlockNode, facts: DiskFacts | undefined): boolean {
  if (NOT_DRIVES.test(node.kname)) return false;
  if (node.type === 'loop') return node.size > 0 && facts?.backingFile !== null;
  // The boot areas of eMMC are disks of their own, but part of the board.
  return node.type === 'disk' && !/^mmcblk\d+(boot|rpmb|gp)/.test(node.kname);
}

function drive(
  disk: BlockNode,
  snapshot: LinuxSnapshot,
  mounts: readonly MountEntry[],
  swaps: readonly string[],
): Drive {
  const all = [...descendants(disk)];
  const facts = snapshot.disks[disk.kname];
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
    mounts: all.flatMap((node) => mountsOf(node, mounts)),
    swaps: all.filter((node) => namesOf(node).some((name) => swaps.includes(name))).map(pathOf),
    holders: all
      .filter((node) => node !== disk && node.type !== 'part')
      .map(pathOf)
      .concat(loopsOver(all, snapshot.disks), unmountedBtrfs(all, snapshot.btrfs, mounts)),
    system: false,
  };
}

function kindOf(disk: BlockNode, facts: DiskFacts | undefined): DriveKind {
  if (disk.type === 'loop') return 'loop';
  if (disk.transport === 'usb') return 'usb';
  // eMMC says MMC here: it is soldered to the board.
  if (facts?.cardType === 'SD') return 'sd';
  return 'fixed';
}

/** The disk itself and all that is built on it, at any depth: partitions, LUKS, LVM, RAID. */
function* descendants(node: BlockNode): Generator<BlockNode> {
  yield node;
  for (const child of node.children) yield* descendants(child);
}

/** /proc/swaps and loop devices tell the node that a link such as /dev/mapper/vg-swap leads to. */
function namesOf({ path, kname }: BlockNode): string[] {
  return [path, `/dev/${kname}`];
}

function pathOf({ path }: BlockNode): string {
  return path;
}

/** Loop devices that show a device instead of a file: lsblk does not tell that they are built on it. */
function loopsOver(all: readonly BlockNode[], disks: LinuxSnapshot['disks']): string[] {
  const names = all.flatMap(namesOf);
  return Object.entries(disks)
    .filter(([, { backingFile }]) => backingFile !== null && names.includes(backingFile))
    .map(([name]) => `/dev/${name}`);
}

/** By number; by the source's whole path for filesystems without a device number of their own. */
function mountsOf(node: BlockNode, mounts: readonly MountEntry[]): DriveMount[] {
  return mounts
    .filter((mount) => mount.device === node.deviceNumber || mount.source === node.path)
    .map((mount) => ({ path: mount.mountPoint, device: node.path }));
}

/** A second device of a btrfs filesystem appears in no mount table, yet it is in use. */
function unmountedBtrfs(
  all: readonly BlockNode[],
  btrfs: readonly string[],
  mounts: readonly MountEntry[],
): string[] {
  return all
    .filter((node) => btrfs.includes(node.kname) && mountsOf(node, mounts).length === 0)
    .map((node) => `btrfs (${node.path})`);
}

async function takeSnapshot(): Promise<LinuxSnapshot> {
  const [lsblk, mountinfo, swaps, btrfs, names] = await Promise.all([
    runLsblk(),
    readFile('/proc/self/mountinfo', 'utf8'),
    swapTable(),
    btrfsDevices(),
    readdir('/sys/block'),
  ]);
  const facts = names
    .filter((name) => !NOT_DRIVES.test(name))
    .map(async (name) => [name, await diskFacts(name)] as const);
  return { lsblk, mountinfo, swaps, btrfs, disks: Object.fromEntries(await Promise.all(facts)) };
}

async function runLsblk(): Promise<string> {
  // By absolute path: the elevated writer lists drives too.
  const path = ['/usr/bin/lsblk', '/bin/lsblk'].find((candidate) => existsSync(candidate));
  if (path === undefined)
    throw builderError('drive-list-failed', { reason: 'lsblk (util-linux) is not installed' });
  try {
    const env = { LC_ALL: 'C.UTF-8' };
    const options = { timeout: LSBLK_TIMEOUT, maxBuffer: 16 << 20, env };
    return (await promisify(execFile)(path, LSBLK_ARGUMENTS, options)).stdout;
  } catch (error) {
    // lsblk ends with 32 or 64 when a device vanished while it looked, having told all others.
    const { code, stdout } = error as { code?: unknown; stdout?: unknown };
    if ((code === 32 || code === 64) && typeof stdout === 'string' && stdout !== '') return stdout;
    const reason = error instanceof Error ? error.message : String(error);
    throw builderError('drive-list-failed', { reason }, error);
  }
}

/** Its entries may be links such as /dev/disk/by-uuid/…; lsblk tells real paths. */
async function swapTable(): Promise<string> {
  const text = (await contentOf('/proc/swaps')) ?? '';
  const real = await Promise.all(parseSwaps(text).map((path) => realpath(path).catch(() => path)));
  return ['Filename', ...real.map((path) => path.replaceAll(' ', '\\040'))].join('\n');
}

async function btrfsDevices(): Promise<string[]> {
  const root = '/sys/fs/btrfs';
  const uuids = await readdir(root).catch(() => []);
  const lists = uuids.map((uuid) => readdir(`${root}/${uuid}/devices`).catch(() => []));
  return (await Promise.all(lists)).flat();
}

async function diskFacts(name: string): Promise<DiskFacts> {
  const folder = `/sys/block/${name}`;
  const [sequence, cardType, backingFile, place] = await Promise.all([
    contentOf(`${folder}/diskseq`),
    contentOf(`${folder}/device/type`),
    contentOf(`${folder}/loop/backing_file`),
    realpath(folder).catch(() => ''),
  ]);
  // Kernels before 5.15 have no diskseq; sysfs gives every device that comes a new inode.
  const generation = sequence ?? `inode ${await inodeOf(folder)}`;
  return { generation, cardType, port: usbPort(place), backingFile };
}

/**
 * `2-1.4` of /sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1.4/2-1.4:1.0/host6/…/block/sdb: the last
 * folder that is a USB device; hubs stand before it.
 */
export function usbPort(sysfsPath: string): string | null {
  return sysfsPath.split('/').findLast((folder) => /^\d+-\d+(\.\d+)*$/u.test(folder)) ?? null;
}

async function contentOf(path: string): Promise<string | null> {
  const content = await readFile(path, 'utf8').catch(() => null);
  return content?.trim() ?? null;
}

async function inodeOf(path: string): Promise<string> {
  const stats = await stat(path, { bigint: true }).catch(() => null);
  return String(stats?.ino ?? 0n);
}
