import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { builderError } from '../../shared/errors.ts';
import { LSBLK_ARGUMENTS } from './lsblk.ts';
import { parseMountinfo, parseSwaps } from './mountinfo.ts';
import { pathsToResolve, type KernelFilesystem } from './trace-mounts.ts';

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
  readonly fstab: string;
  readonly filesystems: readonly KernelFilesystem[];
  /** Where links lead, of the paths that the mounts name. */
  readonly realPaths: Readonly<Record<string, string>>;
  /** Kernel names of devices that the kernel lets no process claim; null where it was not asked. */
  readonly claimed: readonly string[] | null;
  /** By kernel name. */
  readonly disks: Readonly<Record<string, DiskFacts>>;
}

/** Disks made of memory or of the network's making: never what a person plugs in. */
export const NOT_DRIVES = /^(zram|ram|fd|sr|nbd|dm-|md)\d/;

/** lsblk answers in milliseconds; a hung device must not hang the list for ever. */
const LSBLK_TIMEOUT = 10_000;

/** Filesystems that keep a folder named after each device in use, which everybody may list. */
const FILESYSTEM_FOLDERS: readonly (readonly [string, string])[] = [
  ...['ext4', 'xfs', 'f2fs', 'erofs', 'nilfs2'].map((type) => [type, `/sys/fs/${type}`] as const),
  ['ntfs3', '/proc/fs/ntfs3'],
];

/** Reads what the system tells now. @throws `drive-list-failed` where lsblk does not answer. */
export async function takeSnapshot(): Promise<LinuxSnapshot> {
  const [lsblk, mountinfo, swaps, fstab, filesystems, names] = await Promise.all([
    runLsblk(),
    readFile('/proc/self/mountinfo', 'utf8'),
    swapTable(),
    readFstab(),
    kernelFilesystems(),
    readdir('/sys/block'),
  ]);
  const facts = names
    .filter((name) => !NOT_DRIVES.test(name))
    .map(async (name) => [name, await diskFacts(name)] as const);
  return {
    ...{ lsblk, mountinfo, swaps, fstab, filesystems },
    realPaths: await resolvePaths(parseMountinfo(mountinfo).flatMap(pathsToResolve)),
    claimed: null,
    disks: Object.fromEntries(await Promise.all(facts)),
  };
}

/** '' where there is none, as in many containers. */
export async function readFstab(): Promise<string> {
  return (await contentOf('/etc/fstab')) ?? '';
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
    // lsblk ends with 32 or 64 when a device vanished while it looked, having listed all others.
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

/** The kernel tells these to everybody, also of what is mounted in another container only. */
async function kernelFilesystems(): Promise<KernelFilesystem[]> {
  const lists = await Promise.all([
    ...FILESYSTEM_FOLDERS.map(async ([type, folder]) =>
      (await namesIn(folder)).map((name) => ({ type, devices: [name] })),
    ),
    filesystemsWithMembers('btrfs', async (folder) => namesIn(`${folder}/devices`)),
    filesystemsWithMembers('bcachefs', async (folder) => {
      const members = (await namesIn(folder)).filter((name) => name.startsWith('dev-'));
      const links = members.map((name) => realpath(`${folder}/${name}/block`).catch(() => ''));
      return (await Promise.all(links)).map((link) => link.slice(link.lastIndexOf('/') + 1));
    }),
    cacheDevices(),
  ]);
  return lists.flat();
}

async function filesystemsWithMembers(
  type: string,
  devicesOf: (folder: string) => Promise<string[]>,
): Promise<KernelFilesystem[]> {
  const folders = (await namesIn(`/sys/fs/${type}`)).map((uuid) => `/sys/fs/${type}/${uuid}`);
  const made = folders.map(async (folder) => ({ type, devices: await devicesOf(folder) }));
  return (await Promise.all(made)).filter(({ devices }) => devices.length > 0);
}

/** Disks that serve bcache as cache before they have anything to cache appear in no tree of lsblk. */
async function cacheDevices(): Promise<KernelFilesystem[]> {
  if ((await namesIn('/sys/fs/bcache')).length === 0) return [];
  const names = await namesIn('/sys/class/block');
  return names
    .filter((name) => existsSync(`/sys/class/block/${name}/bcache`))
    .filter((name) => !name.startsWith('bcache'))
    .map((name) => ({ type: 'bcache', devices: [name] }));
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

/** Only what leads elsewhere. What cannot be followed, such as a folder of root's, stays as it is. */
async function resolvePaths(paths: readonly string[]): Promise<Record<string, string>> {
  const found = [...new Set(paths)].map(
    async (path) => [path, await realpath(path).catch(() => path)] as const,
  );
  return Object.fromEntries((await Promise.all(found)).filter(([path, real]) => path !== real));
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}

async function contentOf(path: string): Promise<string | null> {
  const content = await readFile(path, 'utf8').catch(() => null);
  return content?.trim() ?? null;
}

async function inodeOf(path: string): Promise<string> {
  const stats = await stat(path, { bigint: true }).catch(() => null);
  return String(stats?.ino ?? 0n);
}
