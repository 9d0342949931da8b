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
import { needsLoopDevices, needsRoot, testNeeding, tool } from '../support/tools.ts';

const mount = tool('mount');
const umount = tool('umount');
const mkfs = tool('mke2fs');
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

/** With blocks of 1 KiB, three levels of indirect blocks reach 16 GiB: the largest file. */
function ext2(): string {
  const device = attachLoop({ size: 64 * 2 ** 20 });
  onTestFinished(device.release);
  execFileSync(mkfs.path, ['-q', '-t', 'ext2', '-b', '1024', '-m', '0', device.path]);
  return mounted(device.path);
}

testNeeding(
  [needsRoot, needsLoopDevices(), mkfs, mount, umount],
  'an image file that is larger than any file of the filesystem is refused at once, others are written',
  async () => {
    const disk = ext2();
    const argv = ['--json', '--image', `p1:${image()}`, '-o'];
    const before = listAll(disk);
    const large = await cli([...argv, join(disk, 'x.img'), '--size', '20GB']);
    expect([large.code, large.exit]).toEqual(['output-file-too-large', 1]);
    expect(large.events.some(({ kind }) => kind === 'done')).toBe(false);
    expect(listAll(disk)).toEqual(before);
    const small = await cli([...argv, join(disk, 'x.img'), '--size', '15GB']);
    expect(small.exit, small.stderr).toBe(0);
    expect((await cli(['verify', join(disk, 'x.img')])).exit).toBe(0);
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
  'a mount point with too little room is reported, whatever room is around it',
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

testNeeding(
  [needsRoot, mount, umount],
  'a drive that is read-only is reported as such',
  async () => {
    const disk = mounted('-t', 'tmpfs', '-o', 'size=8m', 'tmpfs');
    mkdirSync(join(disk, 'empty'));
    execFileSync(mount.path, ['-o', 'remount,ro', disk]);
    for (const name of ['x.tar', 'x.img', 'folder/', 'empty']) {
      const { code } = await cli(['--json', '--image', `p1:${image()}`, '-o', join(disk, name)]);
      expect(code, name).toBe('output-read-only');
    }
  },
);

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
