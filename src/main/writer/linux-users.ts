import type { Stats } from 'node:fs';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { parseMountinfo, type MountEntry } from '../drives/mountinfo.ts';

/** A disk or partition by its two names. */
export interface DevicePart {
  readonly path: string;
  readonly deviceNumber: string;
}

/** Where device nodes are, also those that a container was given under another name. */
const DEVICE_FOLDER = '/dev/';
/** readlink(2) in /proc says so of a node that was removed, such as that of a stick that was unplugged. */
const REMOVED = ' (deleted)';

/** open(2): what of a file's flags tells reading from writing. */
const O_ACCMODE = 3;

/**
 * What is mounted from one of `parts`, in the table's order. Whole names and numbers are compared:
 * /dev/sdb1 is no part of the name of /dev/sdb10. Filesystems that may span devices, such as btrfs,
 * have a number of their own and tell their device by its path only.
 */
export function mountsFrom(
  table: readonly MountEntry[],
  parts: readonly DevicePart[],
): MountEntry[] {
  return table.filter(({ device, source }) =>
    parts.some(({ path, deviceNumber }) => device === deviceNumber || source === path),
  );
}

/** Programs that have a file below `folder` open, or work there. */
export async function programsBelow(folder: string): Promise<string> {
  return await programsThat(async (pid) => {
    const paths = await pathsOf(pid);
    return paths.some((path) => path === folder || path.startsWith(`${folder}/`));
  });
}

/**
 * Programs that have one of `parts` open, or have it mounted where we do not see it: in a container or
 * a sandbox with mounts of its own.
 */
export async function programsHolding(parts: readonly DevicePart[]): Promise<string> {
  // One program for each set of mounts is enough: all others in it see the same.
  const seen = new Set([await readlink('/proc/self/ns/mnt').catch(() => '')]);
  return await programsThat(async (pid) => {
    for (const file of await openFiles(pid)) if (await isOneOf(parts, file)) return true;
    const namespace = await readlink(`/proc/${pid}/ns/mnt`).catch(() => null);
    if (namespace === null || seen.has(namespace)) return false;
    seen.add(namespace);
    const table = await readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => '');
    return mountsFrom(parseMountinfo(table), parts).length > 0;
  });
}

/**
 * Programs that have one of `parts` open for writing, such as a copying tool or a virtual machine. The
 * kernel keeps only those apart that ask for it with O_EXCL.
 */
export async function programsWriting(parts: readonly DevicePart[]): Promise<string> {
  return await programsThat(async (pid) => {
    for (const file of await openFiles(pid)) {
      if (!(await isOneOf(parts, file))) continue;
      const info = await readFile(file.replace('/fd/', '/fdinfo/'), 'utf8').catch(() => '');
      const flags = parseInt(/^flags:\s*([0-7]+)/m.exec(info)?.[1] ?? '0', 8);
      if ((flags & O_ACCMODE) !== 0) return true;
    }
    return false;
  });
}

/** `name (pid), …` of all processes but our own; empty when there is none. */
async function programsThat(matches: (pid: string) => Promise<boolean>): Promise<string> {
  const names: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || pid === String(process.pid) || !(await matches(pid))) continue;
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => pid);
    names.push(`${name.trim()} (${pid})`);
  }
  return names.join(', ');
}

/** Open files, working folder and root of a process; nothing when it has ended. */
async function pathsOf(pid: string): Promise<string[]> {
  const folder = `/proc/${pid}`;
  const links = [`${folder}/cwd`, `${folder}/root`, ...(await openFiles(pid))];
  return await Promise.all(links.map((link) => readlink(link).catch(() => '')));
}

/** The links in /proc that lead to the open files of a process. */
async function openFiles(pid: string): Promise<string[]> {
  const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
  return files.map((file) => `/proc/${pid}/fd/${file}`);
}

/**
 * Whether an open file is one of `parts`. A device may have other names, in a container above all, so its
 * number counts. Only what is a device node by its place is asked for it: for a file on a network
 * share that is gone, the answer would never come.
 */
async function isOneOf(parts: readonly DevicePart[], link: string): Promise<boolean> {
  const path = await readlink(link).catch(() => '');
  if (!path.startsWith(DEVICE_FOLDER) || path.endsWith(REMOVED)) return false;
  const number = await stat(link).then(blockDeviceNumber, () => null);
  return parts.some(({ deviceNumber }) => deviceNumber === number);
}

/** `major:minor` as the kernel writes it; null for what is no block device. */
export function blockDeviceNumber(stats: Stats): string | null {
  if (!stats.isBlockDevice()) return null;
  // The encoding of st_rdev, as glibc's gnu_dev_major and gnu_dev_minor have it.
  const rdev = BigInt(stats.rdev);
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn);
  return `${major}:${minor}`;
}
