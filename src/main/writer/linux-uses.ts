import { readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { parseMountinfo, parseSwaps, type MountEntry } from '../drives/mountinfo.ts';
import { mountsFrom, programsBelow, programsHolding, type DevicePart } from './linux-users.ts';

/**
 * All that keeps devices busy, for a person to read: programs, mounts that came meanwhile, loop devices over
 * files on them, device mapper and RAID, swap. Empty only where the kernel tells of none.
 */
export async function usesOf(parts: readonly DevicePart[]): Promise<string> {
  const mounts = mountsFrom(await mountTable(), parts);
  const folders = [...mounts.map(({ mountPoint }) => mountPoint), ...parts.map(({ path }) => path)];
  const uses = await Promise.all([
    programsHolding(parts),
    Promise.resolve(mounts.map(({ mountPoint }) => mountPoint)),
    ...folders.map(usesOfFilesBelow),
    ...parts.map(holdersOf),
  ]);
  return joined(uses.flat());
}

/** All that keeps a mount from being unmounted. */
export async function usesBelow(folder: string): Promise<string> {
  const mounts = (await mountTable()).map(({ mountPoint }) => mountPoint);
  return joined([
    ...(await programsBelow(folder)),
    ...mounts.filter((path) => path.startsWith(`${folder}/`)),
    ...(await usesOfFilesBelow(folder)),
  ]);
}

/** Loop devices that show, and swap on, a file below `path`, or `path` itself. */
async function usesOfFilesBelow(path: string): Promise<string[]> {
  const isBelow = (file: string): boolean => file === path || file.startsWith(`${path}/`);
  const names = (await namesIn('/sys/block')).filter((name) => name.startsWith('loop'));
  const loops = names.map(async (name) => {
    const file = await contentOf(`/sys/block/${name}/loop/backing_file`);
    return isBelow(file) ? [`/dev/${name}: ${file}`] : [];
  });
  const swaps = parseSwaps(await contentOf('/proc/swaps')).filter(isBelow);
  return [...(await Promise.all(loops)).flat(), ...swaps];
}

/** Device mapper (LVM, LUKS), RAID and bcache on a device, which sysfs tells by its holders. */
async function holdersOf({ deviceNumber }: DevicePart): Promise<string[]> {
  const folder = await realpath(`/sys/dev/block/${deviceNumber}`).catch(() => '');
  const names = folder === '' ? [] : await namesIn(join(folder, 'holders'));
  return await Promise.all(
    names.map(async (name) => {
      const mapped = await contentOf(`/sys/class/block/${name}/dm/name`);
      return mapped === '' ? `/dev/${name}` : `/dev/mapper/${mapped}`;
    }),
  );
}

async function mountTable(): Promise<MountEntry[]> {
  return parseMountinfo(await readFile('/proc/self/mountinfo', 'utf8'));
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}

async function contentOf(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).trim();
}

function joined(uses: readonly string[]): string {
  return [...new Set(uses)].join(', ');
}
