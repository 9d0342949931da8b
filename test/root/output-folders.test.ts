import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
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
  'too little room is told before anything is made',
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

testNeeding(
  [needsRoot, mount, umount],
  'a disk that fills up meanwhile is told, and left as it was',
  async () => {
    const path = imageFile(4_000_000);
    // Two outputs fit one by one, not together; each is checked before the other is made.
    const disk = smallDisk('8m');
    put(disk, 'old', 'precious');
    const argv = ['--image', `p1:${path}`, '-o', join(disk, 'x.tar'), '-o', join(disk, 'folder/')];
    const { code, exit, stderr } = await cli(['--json', ...argv]);
    expect(code, stderr).toMatch(/^output-(full|no-space)$/);
    expect(exit).toBe(1);
    expect(listAll(disk)).toEqual(['old']);
    // One alone fits.
    expect((await cli(argv.slice(0, 4))).exit).toBe(0);
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
