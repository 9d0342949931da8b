import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { blockDeviceNumber } from '../drives/device-number.ts';
import { parseMountinfo, type MountEntry } from '../drives/mountinfo.ts';
import { programName } from './program-name.ts';

/** A disk or partition by its two names. */
export interface DevicePart {
  readonly path: string;
  readonly deviceNumber: string;
}

/** Where device nodes are, also those that a container was given under another name. */
const DEVICE_FOLDER = '/dev/';
/** readlink(2) in /proc says so of a node that was removed, such as that of a stick that was unplugged. */
const REMOVED = ' (deleted)';

/** Filesystems that may span devices: they have a number of their own and tell a device by its path only. */
const SPANNING: readonly string[] = ['btrfs', 'bcachefs'];

/** open(2): what of a file's flags tells reading from writing. */
const O_ACCMODE = 3;

/**
 * What is mounted from one of `parts`, in the table's order. Whole names and numbers are compared:
 * /dev/sdb1 is no part of the name of /dev/sdb10. The source of a tmpfs may be any word, a device's too.
 */
export function mountsFrom(
  table: readonly MountEntry[],
  parts: readonly DevicePart[],
): MountEntry[] {
  return table.filter(({ device, source, fstype }) =>
    parts.some(
      ({ path, deviceNumber }) =>
        device === deviceNumber || (source === path && SPANNING.includes(fstype)),
    ),
  );
}

/** Programs that run from below `folder`, have a file there open or mapped, or work there. */
export async function programsBelow(folder: string): Promise<string[]> {
  return await programsThat(async (pid) => {
    const paths = [...(await pathsOf(pid)), ...(await mappedFiles(pid))];
    return paths.some((path) => path === folder || path.startsWith(`${folder}/`));
  });
}

/**
 * Programs that have one of `parts` open, or have it mounted where we do not see it: in a container or
 * a sandbox with mounts of its own.
 */
export async function programsHolding(parts: readonly DevicePart[]): Promise<string[]> {
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
export async function programsWriting(parts: readonly DevicePart[]): Promise<string[]> {
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

/** `name (pid)` of all processes that match but our own. */
async function programsThat(matches: (pid: string) => Promise<boolean>): Promise<string[]> {
  const names: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || pid === String(process.pid) || !(await matches(pid))) continue;
    names.push(`${await programName(pid)} (${pid})`);
  }
  return names;
}

/** Program, open files, working folder and root of a process; nothing when it has ended. */
async function pathsOf(pid: string): Promise<string[]> {
  const folder = `/proc/${pid}`;
  const links = [`${folder}/exe`, `${folder}/cwd`, `${folder}/root`, ...(await openFiles(pid))];
  return await Promise.all(links.map((link) => readlink(link).catch(() => '')));
}

/** Files in a process's memory, such as libraries (proc_pid_maps(5)); a line feed in a name comes as \\012. */
async function mappedFiles(pid: string): Promise<string[]> {
  const maps = await readFile(`/proc/${pid}/maps`, 'utf8').catch(() => '');
  const paths = maps.split('\n').map((line) => /^(?:\S+ +){5}(\/.*)$/.exec(line)?.[1] ?? '');
  return [...new Set(paths)].map((path) => path.replaceAll('\\012', '\n'));
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
