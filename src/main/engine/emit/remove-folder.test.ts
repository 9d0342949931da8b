import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import type * as Promises from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { tmpFolder } from '../../../../test/support/tmp.ts';
import { removeFolder } from './remove-folder.ts';

/** Names of the files that were asked to be removed; and whether the system refuses all but the first. */
const system = vi.hoisted(() => ({ unlinked: [] as string[], broken: false }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof Promises>();
  const fail = (): Promise<never> => Promise.reject(new Error('EIO'));
  return {
    ...real,
    unlink: (path: string) => {
      system.unlinked.push(path);
      return system.broken && system.unlinked.length > 1 ? fail() : real.unlink(path);
    },
    rm: (...args: Parameters<typeof real.rm>) => (system.broken ? fail() : real.rm(...args)),
  };
});

const NAMES = Array.from({ length: 100 }, (_, i) => `data/${i}`);
const FILES = ['manifest.json', ...NAMES, 'meta/0/metadata.jwt'];
const DIRECTORIES = ['data', 'meta', 'meta/0'];

function halfMade(): { folder: string; path: string } {
  const folder = tmpFolder();
  const path = join(folder, '.out.partial');
  for (const directory of ['', ...DIRECTORIES]) mkdirSync(join(path, directory));
  for (const name of FILES) writeFileSync(join(path, name), name);
  return { folder, path };
}

beforeEach(() => {
  system.unlinked.length = 0;
  system.broken = false;
});

test('removes all of it, its manifest first, and what somebody else put there', async () => {
  const { folder, path } = halfMade();
  writeFileSync(join(path, 'data', '.DS_Store'), '');
  mkdirSync(join(path, 'data', 'strange'));
  await removeFolder(path);
  expect(readdirSync(folder)).toEqual([]);
  expect(system.unlinked[0]).toBe(join(path, 'manifest.json'));
});

test('what was never made needs no removal', async () => {
  const path = join(tmpFolder(), '.out.partial');
  await expect(removeFolder(path)).resolves.toBeUndefined();
});

test('cut short, it leaves nothing with a manifest, and says so', async () => {
  const { path } = halfMade();
  system.broken = true;
  await expect(removeFolder(path)).rejects.toThrow('EIO');
  expect(readdirSync(path)).toEqual(['data', 'meta']);
});
