import { readdir, readFile, readlink } from 'node:fs/promises';
import { parseMountinfo, type MountEntry } from '../drives/mountinfo.ts';

/** A disk or partition by its two names. */
export interface DevicePart {
  readonly path: string;
  readonly deviceNumber: string;
}

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
  const devices = parts.map(({ path }) => path);
  // One program for each set of mounts is enough: all others in it see the same.
  const seen = new Set([await readlink('/proc/self/ns/mnt').catch(() => '')]);
  return await programsThat(async (pid) => {
    if ((await pathsOf(pid)).some((path) => devices.includes(path))) return true;
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
  const devices = parts.map(({ path }) => path);
  return await programsThat(async (pid) => {
    for (const file of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const path = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '');
      if (!devices.includes(path)) continue;
      const info = await readFile(`/proc/${pid}/fdinfo/${file}`, 'utf8').catch(() => '');
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
  const files = await readdir(`${folder}/fd`).catch(() => []);
  const links = [`${folder}/cwd`, `${folder}/root`, ...files.map((file) => `${folder}/fd/${file}`)];
  return await Promise.all(links.map((link) => readlink(link).catch(() => '')));
}
