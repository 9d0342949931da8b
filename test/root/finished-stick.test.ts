import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { cli, SAMPLE_IMAGES, SAMPLES } from '../support/cli.ts';
import { contentsOf } from '../support/extracted.ts';
import { seededBytes, sha256 } from '../support/image-factory.ts';
import { loopDevice } from '../support/loop.ts';
import { sharedTmpFolder, tmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices, tool } from '../support/tools.ts';

const e2fsck = tool('e2fsck');
const mount = tool('mount');
const umount = tool('umount');
const WRITE = ['--allow-fixed', '--confirm-write-to'];
const SIZE = 64 * 1024 * 1024;

const shared = sharedTmpFolder();
const source = (kind: string) => join(shared(), kind === 'folder' ? 'x' : `x.${kind}`);

beforeAll(async () => {
  const outputs = ['-o', source('tar'), '-o', source('img'), '-o', `${source('folder')}/`];
  const v1 = `--image=:${join(SAMPLES, '../samples-v1/v1_a.zip')}`;
  const { exit, stderr } = await cli([...SAMPLE_IMAGES, v1, ...outputs]);
  expect(exit, stderr).toBe(0);
});

/** Hashes of everything in a folder but lost+found, manifest.json included. */
function listFolder(folder: string): string[] {
  return Array.from(contentsOf(folder), ([name, content]) => {
    return `${name} ${typeof content === 'string' ? content : sha256(content)}`;
  })
    .filter((line) => !line.startsWith('lost+found'))
    .sort();
}

function listMounted(device: string): string[] {
  const folder = tmpFolder();
  execFileSync(mount.path, ['-o', 'ro', device, folder]);
  try {
    return listFolder(folder);
  } finally {
    execFileSync(umount.path, [folder]);
  }
}

describeNeeding([needsLoopDevices(), e2fsck, mount, umount], 'a finished image', () => {
  test.each([
    ['tar', 1],
    ['img', 2],
    ['folder', 1],
  ])('as %s is on every stick of a run what it was', async (kind, count) => {
    const wanted = listFolder(source('folder'));
    expect(wanted.length).toBeGreaterThan(100);
    expect(wanted.some((line) => line.startsWith('manifest.json '))).toBe(true);
    const sticks = Array.from({ length: count }, (_, i) =>
      loopDevice({ size: SIZE + i * 2 ** 20 }),
    );
    const drives = sticks.flatMap(({ path }) => ['-w', path]);
    const { exit, stderr } = await cli(['--image', source(kind), ...drives, ...WRITE]);
    expect(exit, stderr).toBe(0);
    for (const { path } of sticks) {
      execFileSync(e2fsck.path, ['-fn', path], { stdio: 'pipe' });
      expect(listMounted(path)).toEqual(wanted);
    }
  });

  test('refreshes a stick of another version, which then is what a full write makes', async () => {
    const device = loopDevice({ size: SIZE });
    const [p1 = ''] = SAMPLE_IMAGES;
    expect((await cli([p1, '-w', device.path, ...WRITE])).exit).toBe(0);
    const args = ['--image', source('img'), '-w', device.path, '--refresh', ...WRITE];
    const { exit, stderr } = await cli(args);
    expect(exit, stderr).toBe(0);
    execFileSync(e2fsck.path, ['-fn', device.path], { stdio: 'pipe' });
    expect(listMounted(device.path)).toEqual(listFolder(source('folder')));
  });

  test('that is not right leaves every byte of the stick as it was', async () => {
    const before = seededBytes(1, SIZE);
    const device = loopDevice({ size: SIZE, fill: (file) => writeFileSync(file, before) });
    const folder = tmpFolder();
    const half = join(folder, 'half.img');
    copyFileSync(source('img'), half);
    truncateSync(half, 1_000_000);
    const changed = join(folder, 'changed.tar');
    const bytes = readFileSync(source('tar'));
    // Within a blob: the metadata is at the end of the archive.
    const blob = Array.from(contentsOf(join(source('folder'), 'data')).values()).find(
      (content): content is Buffer => typeof content !== 'string' && content.length > 500,
    );
    const at = bytes.indexOf(blob ?? '') + 10;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(changed, bytes);
    const lacking = join(folder, 'lacking');
    cpSync(source('folder'), lacking, { recursive: true });
    rmSync(join(lacking, 'meta/0/regulars.txt'));
    for (const [images, code] of [
      [[half], 'finished-damaged'],
      [[changed], 'blob-corrupt'],
      [[lacking], 'finished-file-missing'],
      [[source('tar'), source('img')], 'finished-not-alone'],
    ] as const) {
      const args = images.flatMap((path) => ['--image', path]);
      const result = await cli(['--json', ...args, '-w', device.path, ...WRITE]);
      expect([result.code, result.exit === 0]).toEqual([code, false]);
      expect(readFileSync(device.file).equals(before)).toBe(true);
    }
    // The oracle can fail: a right one changes the stick.
    expect((await cli(['--image', source('tar'), '-w', device.path, ...WRITE])).exit).toBe(0);
    expect(readFileSync(device.file).equals(before)).toBe(false);
  });
});
