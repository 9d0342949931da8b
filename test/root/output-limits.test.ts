import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { cli, listAll, put } from '../support/cli.ts';
import { makeIdentity } from '../support/certificate.ts';
import {
  makeImage,
  packImage,
  sampleFiles,
  seededBytes,
  unpackImage,
} from '../support/image-factory.ts';
import { attachLoop } from '../support/loop.ts';
import { tmpFolder } from '../support/tmp.ts';
import {
  needsFilesystem,
  needsLoopDevices,
  needsRoot,
  testNeeding,
  tool,
} from '../support/tools.ts';

const mount = tool('mount');
const umount = tool('umount');
const mkfs = tool('mkfs.vfat');
const sh = tool('sh');
const CLI = join(import.meta.dirname, '../../src/main/cli/main.ts');
const MEMBERS = () =>
  makeImage({
    files: [...sampleFiles(1), { path: '/big', content: seededBytes(1, 3_000_000) }],
    identity: makeIdentity(),
  });
const image = (): string => put(tmpFolder(), 'image.tar', packImage(MEMBERS()));

/** A filesystem mounted for the running test. */
function mounted(...args: readonly string[]): string {
  const folder = tmpFolder();
  execFileSync(mount.path, [...args, folder]);
  onTestFinished(() => {
    execFileSync(umount.path, [folder]);
  });
  return folder;
}

function fat32(): string {
  const device = attachLoop({ size: 6 * 2 ** 30 });
  onTestFinished(device.release);
  execFileSync(mkfs.path, ['-F', '32', device.path], { stdio: 'pipe' });
  return mounted('-t', 'vfat', device.path);
}

testNeeding(
  [needsRoot, needsLoopDevices(), needsFilesystem('vfat'), mkfs, mount, umount],
  'on FAT32 an image file of more than 4 GiB is refused at once, others and folders are written',
  async () => {
    const disk = fat32();
    const argv = ['--json', '--image', `p1:${image()}`, '-o'];
    const large = await cli([...argv, join(disk, 'x.img'), '--size', '5GB']);
    expect([large.code, large.exit]).toEqual(['output-too-large-for-fat', 1]);
    expect(large.events.filter(({ kind }) => kind === 'progress').length).toBeGreaterThan(0);
    expect(listAll(disk)).toEqual([]);
    // The folder of the drive itself: nothing is asked of the filesystem that it is mounted on.
    const folder = await cli([...argv, disk]);
    expect(folder.exit, folder.stderr).toBe(0);
    expect((await cli(['verify', disk])).exit).toBe(0);
    const tar = await cli([...argv, join(disk, 'data/x.tar')]);
    expect(tar.exit, tar.stderr).toBe(0);
    expect((await cli(['verify', join(disk, 'data/x.tar')])).exit).toBe(0);
  },
);

testNeeding([needsRoot, needsLoopDevices()], 'a drive is no file: -w is named', async () => {
  const device = attachLoop({ size: 2 ** 20 });
  onTestFinished(device.release);
  for (const format of [[], ['--format', 'tar'], ['--format', 'img']]) {
    const argv = ['--json', '--image', `p1:${image()}`, '-o', device.path, ...format];
    expect(await cli(argv)).toMatchObject({ code: 'usage-output-device', exit: 22 });
  }
});

testNeeding([needsRoot, mount, umount], 'a mount point is filled, and keeps its mode', async () => {
  const disk = mounted('-t', 'tmpfs', '-o', 'size=16m,mode=0751', 'tmpfs');
  const argv = ['--json', '--image', `p1:${image()}`, '-o', disk];
  const { exit, stderr } = await cli(argv);
  expect(exit, stderr).toBe(0);
  expect(statSync(disk).mode & 0o777).toBe(0o751);
  expect((await cli(['verify', disk])).exit).toBe(0);
});

testNeeding(
  [needsRoot, mount, umount],
  'a mount point with too little room is told, whatever room is around it',
  async () => {
    const disk = mounted('-t', 'tmpfs', '-o', 'size=1m', 'tmpfs');
    const { code } = await cli(['--json', '--image', `p1:${image()}`, '-o', disk]);
    expect(code).toBe('output-no-space');
    expect(listAll(disk)).toEqual([]);
  },
);

testNeeding(
  [needsRoot, mount, umount],
  'an output in a folder of the image is refused also through a bind mount of it',
  async () => {
    const folder = join(tmpFolder(), 'image');
    unpackImage(MEMBERS(), folder);
    const inner = join(folder, 'data');
    const bound = mounted('--bind', inner);
    const argv = ['--json', '--image', `p1:${folder}`, '-o', join(bound, 'x.tar')];
    expect(await cli(argv)).toMatchObject({ code: 'output-in-image', exit: 22 });
  },
);

testNeeding([needsRoot, mount, umount], 'a drive that is read-only is told as such', async () => {
  const disk = mounted('-t', 'tmpfs', '-o', 'size=8m', 'tmpfs');
  mkdirSync(join(disk, 'empty'));
  execFileSync(mount.path, ['-o', 'remount,ro', disk]);
  for (const name of ['x.tar', 'x.img', 'folder/', 'empty']) {
    const { code } = await cli(['--json', '--image', `p1:${image()}`, '-o', join(disk, name)]);
    expect(code, name).toBe('output-read-only');
  }
});

testNeeding([sh], 'a file that is larger than the limit of the process is refused at once', () => {
  const path = image();
  const folder = tmpFolder();
  const program = [process.execPath, '--disable-warning=ExperimentalWarning', CLI, '--json'];
  // 1,024 blocks of 512 or 1,024 bytes: less than the archive, more than most files in it.
  for (const name of ['x.tar', 'x.img', 'folder/']) {
    const command = [...program, '--image', `p1:${path}`, '-o', join(folder, name)];
    const limited = spawnSync(sh.path, ['-c', 'ulimit -f 1024; exec "$@"', 'sh', ...command], {
      encoding: 'utf8',
    });
    expect(limited.stdout, limited.stderr).toContain('output-file-too-large');
    expect(limited.status).toBe(1);
    // Nothing had to be written to know it.
    expect(limited.stdout).not.toContain('"phase":"write"');
    expect(listAll(folder)).toEqual([]);
  }
});
