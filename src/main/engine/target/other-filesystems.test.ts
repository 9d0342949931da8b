import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type * as Promises from 'node:fs/promises';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { pretendPlatform } from '../../../../test/support/platform.ts';
import { tmpFolder } from '../../../../test/support/tmp.ts';
import { FolderOutput } from '../emit/folder-output.ts';
import { toOutputError } from '../fs-error.ts';
import type { BuildPlan } from '../plan/build-plan.ts';
import { FileTarget } from './file.ts';

/** What another system or filesystem answers; null: what is here does. */
const other = vi.hoisted(() => ({
  link: null as string | null,
  statfs: null as { bavail: number; bsize: number; type: number } | null,
}));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof Promises>();
  return {
    ...real,
    link: (from: string, to: string) =>
      other.link === null
        ? real.link(from, to)
        : Promise.reject(Object.assign(new Error(other.link), { code: other.link })),
    statfs: (path: string) =>
      other.statfs === null ? real.statfs(path) : Promise.resolve(other.statfs),
  };
});

afterEach(() => {
  vi.restoreAllMocks();
  other.link = other.statfs = null;
});

async function writeFileThere(path: string, meanwhile = (): void => undefined): Promise<void> {
  const target = new FileTarget(path, 10);
  try {
    await target.prepare([]);
    await target.write(0, Buffer.from('0123456789'));
    await target.flush();
    meanwhile();
    await target.commit(null);
  } finally {
    await target.close();
  }
}

async function writeFolderThere(path: string): Promise<void> {
  const plan = { directories: ['data'], files: [] } as unknown as BuildPlan;
  const output = new FolderOutput(path, plan);
  try {
    await output.prepare();
    await output.finish();
    await output.commit();
  } finally {
    await output.close();
  }
}

/** As Windows does: a folder is opened for reading, and only what is open for writing is synced. */
async function refuseToSyncFolders(): Promise<void> {
  const handle = await open('/dev/null');
  const files = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its file below
  const sync = files.sync;
  vi.spyOn(files, 'sync').mockImplementation(async function (this: FileHandle) {
    if ((await this.stat()).isDirectory())
      throw Object.assign(new Error('EPERM: fsync'), { code: 'EPERM' });
    await sync.call(this);
  });
}

test.each([
  ['file', writeFileThere],
  ['folder', writeFolderThere],
])('a %s is complete on Windows, which syncs no folder', async (_, write) => {
  await refuseToSyncFolders();
  // The refusal is one: elsewhere a folder that cannot be synced makes the output fail.
  await expect(write(join(tmpFolder(), 'x'))).rejects.toMatchObject({ code: 'output-unwritable' });
  pretendPlatform('win32');
  const path = join(tmpFolder(), 'x');
  await write(path);
  expect(existsSync(path)).toBe(true);
});

test.each(['EPERM', 'EISDIR', 'ENOTSUP'])(
  'where a filesystem has no hard links and says %s, the file gets its name by a rename',
  async (code) => {
    other.link = code;
    const folder = tmpFolder();
    await writeFileThere(join(folder, 'x'));
    expect(readdirSync(folder)).toEqual(['x']);
    expect(readFileSync(join(folder, 'x'), 'utf8')).toBe('0123456789');
    const path = join(folder, 'y');
    const taken = writeFileThere(path, () => writeFileSync(path, 'precious'));
    await expect(taken).rejects.toMatchObject({ code: 'output-exists' });
    expect(readFileSync(path, 'utf8')).toBe('precious');
  },
);

test('a link that fails for another reason is no reason to rename', async () => {
  other.link = 'EIO';
  const folder = tmpFolder();
  await expect(writeFileThere(join(folder, 'x'))).rejects.toMatchObject({
    code: 'output-write-failed',
  });
  expect(readdirSync(folder)).toEqual([]);
});

const EXT4 = 0xef53;
const EXFAT = 0x2011bab0;
const FAT = 0x4d44;

test.each<[string, NodeJS.Platform, number, boolean]>([
  ['ext4', 'linux', EXT4, true],
  ['exFAT', 'linux', EXFAT, false],
  ['FAT', 'linux', FAT, false],
  ['NTFS', 'win32', 0, false],
])('of an image with holes, %s on %s must have room for what it takes', async (...row) => {
  const [, platform, type, fits] = row;
  other.statfs = { bavail: 100, bsize: 4096, type };
  pretendPlatform(platform);
  const target = new FileTarget(join(tmpFolder(), 'x'), 4096 * 101, { occupied: 4096 });
  const code = await target.prepare([]).then(
    () => null,
    (error: unknown) => (error as { code: string }).code,
  );
  await target.close();
  expect(code).toBe(fits ? null : 'output-no-space');
});

test.each<[number, string | null]>([
  [2 ** 32, 'output-too-large-for-fat'],
  [2 ** 32 - 1, null],
])('a file of %d bytes on FAT: %s', async (size, expected) => {
  other.statfs = { bavail: 2 ** 24, bsize: 4096, type: FAT };
  const target = new FileTarget(join(tmpFolder(), 'x'), size);
  const code = await target.prepare([]).then(
    () => null,
    (error: unknown) => (error as { code: string }).code,
  );
  // Made longer, it would be filled with zeros by the kernel, before the writing and in vain.
  expect(target.startsZeroed).toBe(false);
  await target.close();
  expect(code).toBe(expected);
});

test.each<[NodeJS.Platform, string]>([
  ['win32', 'output-blocked-by-windows'],
  ['darwin', 'output-blocked-by-macos'],
  ['linux', 'output-unwritable'],
])('EPERM for an output on %s is %s', (platform, code) => {
  pretendPlatform(platform);
  const error = Object.assign(new Error('EPERM'), { code: 'EPERM' });
  expect(toOutputError('/x', error)).toMatchObject({ code });
});
