import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { readOutputArgument } from '../../src/main/cli/paths.ts';
import { build } from '../../src/main/jobs/index.ts';
import { makeIdentity } from '../support/certificate.ts';
import { cli, listAll, put } from '../support/cli.ts';
import { makeImage, packImage, sampleFiles, seededBytes } from '../support/image-factory.ts';
import { tmpFolder } from '../support/tmp.ts';
import { needsRoot, testNeeding, tool } from '../support/tools.ts';

const mount = tool('mount');
const umount = tool('umount');
const setpriv = tool('setpriv');
const ROOT = join(import.meta.dirname, '../..');

function imageFile(bytes: number): string {
  const files = [...sampleFiles(1), { path: '/big', content: seededBytes(1, bytes) }];
  return put(tmpFolder(), 'image.tar', packImage(makeImage({ files, identity: makeIdentity() })));
}

/** A small filesystem in memory. */
function smallDisk(size: string): string {
  const folder = tmpFolder();
  execFileSync(mount.path, ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  onTestFinished(() => {
    execFileSync(umount.path, [folder]);
  });
  return folder;
}

testNeeding(
  [needsRoot, mount, umount],
  'too little room is reported before anything is made',
  async () => {
    const disk = smallDisk('2m');
    const path = imageFile(4_000_000);
    for (const name of ['x.tar', 'folder/']) {
      const argv = ['--json', '--image', `p1:${path}`, '-o', join(disk, name)];
      const { code, exit } = await cli(argv);
      expect([code, exit]).toEqual(['output-no-space', 1]);
      expect(listAll(disk)).toEqual([]);
    }
  },
);

testNeeding([needsRoot, mount, umount], 'outputs on one disk must fit together', async () => {
  const path = imageFile(4_000_000);
  const disk = smallDisk('8m');
  put(disk, 'old', 'precious');
  const argv = ['--json', '--image', `p1:${path}`, '-o', join(disk, 'x.tar')];
  for (const more of ['folder/', 'x.img', 'y.tar']) {
    const { code, exit } = await cli([...argv, '-o', join(disk, more)]);
    expect([code, exit], more).toEqual(['output-no-space', 1]);
    expect(listAll(disk)).toEqual(['old']);
  }
  // On two disks they fit, and a sparse image file takes no more than its contents.
  const other = smallDisk('8m');
  const both = await cli([...argv, '-o', join(other, 'x.img'), '--size', '1TB']);
  expect(both.exit, both.stderr).toBe(1);
  const fitting = await cli([...argv, '-o', join(other, 'x.img'), '--size', '2GB']);
  expect(fitting.exit, fitting.stderr).toBe(0);
});

testNeeding(
  [needsRoot, mount, umount],
  'a folder needs whole blocks for its files, which a tar archive does not',
  async () => {
    const files = Array.from({ length: 800 }, (_, i) => ({
      path: `/small ${i}`,
      content: seededBytes(i, 40),
    }));
    const members = makeImage({ files, identity: makeIdentity() });
    const path = put(tmpFolder(), 'image.tar', packImage(members));
    const disk = smallDisk('2m');
    const argv = ['--json', '--image', `p1:${path}`, '-o'];
    const folder = await cli([...argv, join(disk, 'folder/')]);
    expect([folder.code, folder.exit]).toEqual(['output-no-space', 1]);
    expect(listAll(disk)).toEqual([]);
    expect((await cli([...argv, join(disk, 'x.tar')])).exit).toBe(0);
  },
);

testNeeding(
  [needsRoot, mount, umount],
  'a disk that fills up meanwhile is reported, and left as it was',
  async () => {
    const path = imageFile(4_000_000);
    for (const name of ['x.tar', 'folder/', 'x.img']) {
      const disk = smallDisk('8m');
      put(disk, 'old', 'precious');
      let filled = false;
      const request = {
        images: [{ path, ecuId: 'p1', version: '', releaseKey: null }],
        outputs: [readOutputArgument(join(disk, name), null, null, '/')],
        ...{ caDir: null, checkSignature: true, timestamp: null },
      };
      const result = build(request, {
        signal: new AbortController().signal,
        onProgress: ({ phase }) => {
          // Somebody else takes the room after it was looked at.
          if (phase === 'write' && !filled) put(disk, 'filler', Buffer.alloc(5_000_000));
          filled ||= phase === 'write';
        },
      });
      await expect(result).rejects.toMatchObject({ code: 'output-full' });
      expect(filled).toBe(true);
      expect(listAll(disk)).toEqual(['filler', 'old']);
    }
  },
);

testNeeding([needsRoot, setpriv], 'a folder of somebody else is not written', () => {
  const path = imageFile(1000);
  const folder = tmpFolder();
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'inner'));
  const program = join(ROOT, 'src/main/cli/main.ts');
  const asNobody = (...argv: readonly string[]) =>
    spawnSync(setpriv.path, ['--reuid', '65534', '--regid', '65534', '--clear-groups', ...argv], {
      encoding: 'utf8',
      cwd: '/',
    });
  // A checkout in /root is for root alone; this lets others read it, and still write nowhere.
  const mayRead =
    asNobody('test', '-r', program).status === 0
      ? []
      : ['--inh-caps', '+dac_read_search', '--ambient-caps', '+dac_read_search'];
  const asOrdinaryUser = (output: string) =>
    asNobody(
      ...mayRead,
      ...[process.execPath, '--disable-warning=ExperimentalWarning', program],
      ...['--image', `p1:${path}`, '-o', output, '--json'],
    );
  chmodSync(path, 0o644);
  chmodSync(join(path, '..'), 0o755);
  for (const name of ['x.tar', 'folder/']) {
    const { status, stdout, stderr } = asOrdinaryUser(join(folder, 'inner', name));
    expect(stdout, stderr).toContain('"code":"output-unwritable"');
    expect(status).toBe(1);
  }
  expect(readdirSync(join(folder, 'inner'))).toEqual([]);
  chmodSync(join(folder, 'inner'), 0o777);
  expect(asOrdinaryUser(join(folder, 'inner/x.tar')).status).toBe(0);
});
