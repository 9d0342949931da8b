import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Drive } from '../../shared/model/drive.ts';
import { mountedManifest } from './mounted-manifest.ts';

const MANIFEST = {
  ...{ schema_version: 1, image_layout_version: 1, build_timestamp: 1, data_size: 2 },
  ...{ data_files_num: 1, meta_size: 3 },
  image_meta: [{ ecu_id: 'main', image_version: 'ver_1', ota_metadata_version: 1 }],
};

let folder: string;
const file = (): string => join(folder, 'manifest.json');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mounted-'));
});
afterEach(() => rm(folder, { recursive: true }));

function mounted(change: Partial<Drive> = {}, pinned = false): Drive {
  const mounts = [{ path: folder, device: '/dev/sdb', pinned }];
  return { labels: ['ota_cache_src'], mounts, ...change } as Drive;
}

test('what a stick that the desktop has mounted says that it holds', async () => {
  await writeFile(file(), JSON.stringify(MANIFEST));
  expect(await mountedManifest(mounted())).toEqual(MANIFEST);
  // Another stick, one that is not mounted, and one that the system has mounted for itself.
  expect(await mountedManifest(mounted({ labels: ['MY STICK'] }))).toBeNull();
  expect(await mountedManifest(mounted({ mounts: [] }))).toBeNull();
  expect(await mountedManifest(mounted({}, true))).toBeNull();
});

test('neither a link nor a pipe in its place is followed', async () => {
  const elsewhere = join(folder, 'elsewhere.json');
  await writeFile(elsewhere, JSON.stringify(MANIFEST));
  await symlink(elsewhere, file());
  expect(await mountedManifest(mounted())).toBeNull();
  await rm(file());
  if (process.platform !== 'win32') execFileSync('mkfifo', [file()]);
  expect(await mountedManifest(mounted())).toBeNull();
});

test('no manifest, one that is none, and one beyond all sizes are not shown', async () => {
  expect(await mountedManifest(mounted())).toBeNull();
  await writeFile(file(), '{"schema_version": 1}');
  expect(await mountedManifest(mounted())).toBeNull();
  await writeFile(file(), JSON.stringify(MANIFEST));
  await truncate(file(), 2 ** 30);
  expect(await mountedManifest(mounted())).toBeNull();
});
