import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseMountinfo, type MountEntry } from '../drives/mountinfo.ts';

/**
 * Network filesystems whose server may give root the rights of no user ("root squash"), so that root reads only what
 * everybody may read.
 */
const SQUASHING = /^(nfs4?|afs|lustre|beegfs|glusterfs|fuse\.glusterfs)$/;

/**
 * Whether root will be able to read a file that we can. Root reads everything on disks of this computer, but
 * the kernel keeps it out of a filesystem in user space that another user mounted, unless that was mounted for
 * others too (fuse.rst: allow_other), and a network server may keep it out.
 * @returns false only where that is known; a file that is not there is found by others.
 */
export async function canRootRead(path: string): Promise<boolean> {
  try {
    const real = await realpath(path);
    const table = parseMountinfo(await readFile('/proc/self/mountinfo', 'utf8'));
    const mount = mountOf(real, table);
    if (mount === null || !keepsRootOut(mount)) return true;
    return SQUASHING.test(mount.fstype) && (await isForEverybody(real));
  } catch {
    return true;
  }
}

/** The mount that a path without links lies on: what was mounted last at the closest mount point. */
export function mountOf(path: string, table: readonly MountEntry[]): MountEntry | null {
  const covers = ({ mountPoint }: MountEntry): boolean =>
    mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`);
  return table
    .filter(covers)
    .reduce<MountEntry | null>(
      (best, mount) =>
        best === null || mount.mountPoint.length >= best.mountPoint.length ? mount : best,
      null,
    );
}

/** May be readable for root all the same: see {@link isForEverybody}. */
export function keepsRootOut({ fstype, options }: MountEntry): boolean {
  if (SQUASHING.test(fstype)) return true;
  const has = (name: string): boolean => options.some(([option]) => option === name);
  const uid = options.find(([option]) => option === 'user_id')?.[1];
  return /^fuse(\.|$)/.test(fstype) && uid !== '0' && !has('allow_other');
}

/** Everybody may read the file and enter the folders above it. */
async function isForEverybody(path: string): Promise<boolean> {
  if (((await stat(path)).mode & 0o004) === 0) return false;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
