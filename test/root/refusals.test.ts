import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { resolveDevice } from '../../src/main/drives/resolve-device.ts';
import { systemDrives } from '../../src/main/drives/system-drives.ts';
import { openStickTarget } from '../../src/main/elevation/stick-target.ts';
import { checkoutEntries, findWriterProgram } from '../../src/main/elevation/writer-program.ts';
import { BuilderError } from '../../src/shared/errors.ts';
import type { DriveIdentity } from '../../src/shared/model/drive.ts';
import { loopDevice, type LoopDevice, type LoopOptions } from '../support/loop.ts';
import { tmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices, testNeeding, tool } from '../support/tools.ts';

const MIB = 1024 * 1024;
const swapon = tool('swapon');

interface RefusalOptions {
  readonly allowFixed?: boolean;
  /** Bytes from the start that nothing else writes to meanwhile. */
  readonly ours?: number;
}

/** The error with which the writer refuses, after which the medium is as it was. */
async function refusal(
  device: LoopDevice,
  identity: DriveIdentity,
  { allowFixed = true, ours = Infinity }: RefusalOptions = {},
): Promise<unknown> {
  const medium = () => readFileSync(device.file).subarray(0, ours);
  const before = medium();
  const program = findWriterProgram(checkoutEntries(), 'write');
  const error: unknown = await openStickTarget({ identity, allowFixed, program }).then(
    async (target) => {
      await target.close();
      return new Error('it was not refused');
    },
    (thrown: unknown) => (thrown instanceof BuilderError ? thrown.data : thrown),
  );
  expect(Buffer.compare(medium(), before)).toBe(0);
  return error;
}

function filesystem(options: Partial<LoopOptions> = {}): LoopDevice {
  return loopDevice({
    size: 16 * MIB,
    fill: (file) => execFileSync(tool('mke2fs').path, ['-q', '-F', file], { stdio: 'pipe' }),
    ...options,
  });
}

function mount(device: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  execFileSync(tool('mount').path, [device, folder]);
  onTestFinished(() => {
    try {
      execFileSync(tool('umount').path, [folder], { stdio: 'pipe' });
    } catch {
      // The writer has unmounted it.
    }
    rmdirSync(folder);
    // A session's folder of ours, when its last mount is gone.
    const parent = dirname(folder);
    if (parent.startsWith('/media/') && readdirSync(parent).length === 0) rmdirSync(parent);
  });
}

describeNeeding([needsLoopDevices()], 'the writer refuses', () => {
  test('a device that is mounted elsewhere', async () => {
    const device = filesystem();
    const { identity } = await device.resolve();
    const folder = join(tmpFolder(), 'elsewhere');
    mount(device.path, folder);
    expect(await refusal(device, identity)).toMatchObject({
      code: 'drive-mounted-elsewhere',
      params: { mount: folder },
    });
  });

  test('a whole disk of which one partition is mounted elsewhere, and its other partition', async () => {
    const device = loopDevice({
      size: 64 * MIB,
      fill: (file) =>
        execFileSync(tool('sfdisk').path, ['--quiet', file], {
          input: 'start=1M,size=16M\nstart=20M,size=16M\n',
          stdio: 'pipe',
        }),
    });
    // By hand: not every kernel knows this kind of partition table.
    execFileSync(tool('partx').path, ['--add', device.path], { stdio: 'pipe' });
    onTestFinished(
      () => void execFileSync(tool('partx').path, ['--delete', device.path], { stdio: 'pipe' }),
    );
    execFileSync(tool('mke2fs').path, ['-q', '-F', `${device.path}p2`], { stdio: 'pipe' });
    const folder = join(tmpFolder(), 'elsewhere');
    mount(`${device.path}p2`, folder);
    const { drive, identity } = await device.resolve();
    expect(drive.partitions.map(({ path }) => path)).toEqual([
      `${device.path}p1`,
      `${device.path}p2`,
    ]);
    const code = 'drive-mounted-elsewhere';
    expect(await refusal(device, identity)).toMatchObject({ code });
    const other = await resolveDevice(systemDrives, `${device.path}p1`);
    expect(other.identity.size).toBe(16 * MIB);
    expect(await refusal(device, other.identity)).toMatchObject({ code });
  });

  testNeeding([swapon], 'a device that is swap', async () => {
    const device = loopDevice({
      size: 16 * MIB,
      fill: (file) => execFileSync(tool('mkswap').path, [file], { stdio: 'pipe' }),
    });
    const { identity } = await device.resolve();
    execFileSync(swapon.path, [device.path], { stdio: 'pipe' });
    onTestFinished(() => void execFileSync(tool('swapoff').path, [device.path]));
    // Behind its header the kernel may swap at any moment.
    const code = 'drive-is-swap';
    expect(await refusal(device, identity, { ours: 4096 })).toMatchObject({ code });
  });

  test('a device that another program has claimed, and names the program', async () => {
    const device = loopDevice({ size: 16 * MIB });
    const { identity } = await device.resolve();
    const held = openSync(device.path, constants.O_RDWR | constants.O_EXCL);
    onTestFinished(() => closeSync(held));
    expect(await refusal(device, identity)).toMatchObject({
      code: 'drive-busy',
      params: { user: expect.stringContaining(`(${String(process.pid)})`) as unknown },
    });
  });

  test('a device that another program writes without claiming it, and names the program', async () => {
    const device = loopDevice({ size: 16 * MIB });
    const { identity } = await device.resolve();
    const reading = openSync(device.path, 'r');
    onTestFinished(() => closeSync(reading));
    const program = findWriterProgram(checkoutEntries(), 'write');
    // Only looking does no harm: the oracle is not simply the process that has it open.
    await (await openStickTarget({ identity, allowFixed: true, program })).close();
    const writing = openSync(device.path, 'r+');
    onTestFinished(() => closeSync(writing));
    expect(await refusal(device, identity)).toMatchObject({
      code: 'drive-busy',
      params: { user: expect.stringContaining(`(${String(process.pid)})`) as unknown },
    });
  });

  test('a device that another program writes under another name', async () => {
    const device = loopDevice({ size: 16 * MIB });
    const { identity } = await device.resolve();
    // As a container has it that was given the device.
    const node = `/dev/offline-ota-${process.pid}`;
    execFileSync('mknod', [node, 'b', ...identity.deviceNumber.split(':')]);
    onTestFinished(() => rmSync(node));
    const writing = openSync(node, 'r+');
    onTestFinished(() => closeSync(writing));
    expect(await refusal(device, identity)).toMatchObject({
      code: 'drive-busy',
      params: { user: expect.stringContaining(`(${String(process.pid)})`) as unknown },
    });
  });

  testNeeding(
    [tool('unshare')],
    'a device that a container has mounted, and names the program',
    async () => {
      const device = filesystem();
      const { identity } = await device.resolve();
      const script = `mount ${device.path} "$1" && echo mounted && read -r _`;
      const container = spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', tmpFolder()], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      onTestFinished(async () => {
        container.stdin.end();
        await once(container, 'close');
      });
      await once(container.stdout, 'data');
      expect(await refusal(device, identity)).toMatchObject({
        code: 'drive-busy',
        params: { user: `sh (${String(container.pid)})` },
      });
    },
  );

  test('a device that another loop device shows', async () => {
    const device = loopDevice({ size: 16 * MIB });
    const { identity } = await device.resolve();
    const over = execFileSync(tool('losetup').path, ['--find', '--show', device.path], {
      encoding: 'utf8',
    }).trim();
    onTestFinished(() => void execFileSync(tool('losetup').path, ['--detach', over]));
    expect(await refusal(device, identity)).toMatchObject({
      code: 'drive-held',
      params: { holder: over },
    });
  });

  test('the disk and any partition of the running system', async () => {
    const device = loopDevice({ size: 16 * MIB });
    const drives = await systemDrives.list();
    const system = drives.find(({ mounts }) => mounts.some(({ path }) => path === '/'));
    // In a container the root may be on no drive at all.
    if (system === undefined) return;
    expect(await refusal(device, system.identity)).toMatchObject({ code: 'drive-is-system' });
  });

  test('a loop device without --allow-fixed', async () => {
    const device = loopDevice({ size: 16 * MIB });
    const { identity } = await device.resolve();
    expect(await refusal(device, identity, { allowFixed: false })).toMatchObject({
      code: 'drive-is-loop',
    });
  });

  test('a read-only device', async () => {
    const device = loopDevice({ size: 16 * MIB, options: ['--read-only'] });
    const { identity } = await device.resolve();
    expect(await refusal(device, identity)).toMatchObject({ code: 'drive-read-only' });
  });

  test('a device that took the place of the confirmed one, of the same size', async () => {
    const device = loopDevice({ size: 16 * MIB });
    const { identity } = await device.resolve();
    execFileSync(tool('losetup').path, ['--detach', device.path]);
    execFileSync(tool('losetup').path, [device.path, device.file]);
    expect((await device.resolve()).identity).toEqual({
      ...identity,
      generation: expect.not.stringMatching(identity.generation) as unknown,
    });
    expect(await refusal(device, identity)).toMatchObject({ code: 'drive-changed' });
  });

  test('a device whose link was turned to another between choice and start', async () => {
    const chosen = loopDevice({ size: 16 * MIB });
    const other = loopDevice({ size: 16 * MIB });
    const link = join(tmpFolder(), 'link');
    execFileSync('ln', ['-s', chosen.path, link]);
    const { identity } = await resolveDevice(systemDrives, link);
    execFileSync('ln', ['-sfn', other.path, link]);
    // The link was resolved once; what it says later is of no account.
    expect(identity.path).toBe(chosen.path);
    expect(await refusal(other, { ...identity, path: link })).toMatchObject({
      code: 'drive-not-found',
    });
  });

  test.each(['/etc/passwd', '/dev/null', '/dev/../etc/passwd', '/dev/no-such-device'])(
    'what is not a drive: %s',
    async (path) => {
      const device = loopDevice({ size: 16 * MIB });
      const { identity } = await device.resolve();
      expect(await refusal(device, { ...identity, path })).toMatchObject({
        code: 'drive-not-found',
      });
    },
  );
});

describeNeeding([needsLoopDevices()], 'the writer unmounts', () => {
  const media = `/media/offline-ota-${String(process.pid)}/stick`;

  test('what is mounted from the device in removable media folders, nested mounts too', async () => {
    const device = filesystem();
    const { identity } = await device.resolve();
    mount(device.path, media);
    mkdirSync(join(media, 'inner'));
    execFileSync(tool('mount').path, [device.path, join(media, 'inner')]);
    const program = findWriterProgram(checkoutEntries(), 'write');
    const target = await openStickTarget({ identity, allowFixed: true, program });
    await target.close();
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(media);
  });

  test('the partition that is meant, and not the one whose name only begins like its', async () => {
    const device = loopDevice({
      size: 64 * MIB,
      fill: (file) =>
        execFileSync(tool('sfdisk').path, ['--quiet', '--label=gpt', file], {
          input: 'size=5M\n'.repeat(10),
          stdio: 'pipe',
        }),
    });
    const partx = (action: string): void =>
      void execFileSync(tool('partx').path, [action, device.path], { stdio: 'pipe' });
    partx('--add');
    onTestFinished(() => partx('--delete'));
    const [one, ten] = [`${device.path}p1`, `${device.path}p10`];
    for (const [index, path] of [one, ten].entries()) {
      execFileSync(tool('mke2fs').path, ['-q', '-F', path], { stdio: 'pipe' });
      mount(path, `${media}-${String(index)}`);
    }
    const { identity } = await resolveDevice(systemDrives, one);
    const program = findWriterProgram(checkoutEntries(), 'write');
    const target = await openStickTarget({ identity, allowFixed: true, program });
    await target.close();
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split(/\s/);
    expect(mounts).not.toContain(one);
    expect(mounts).toContain(ten);
  });

  test('nothing one level below /media, where the system has its own mounts', async () => {
    const device = filesystem();
    const { identity } = await device.resolve();
    const folder = `/media/offline-ota-${String(process.pid)}-one`;
    mount(device.path, folder);
    const code = 'drive-mounted-elsewhere';
    expect(await refusal(device, identity, { ours: 1024 })).toMatchObject({ code });
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toContain(folder);
  });

  test('nothing where another program has claimed a partition out of sight, and names it', async () => {
    const device = loopDevice({
      size: 64 * MIB,
      fill: (file) =>
        execFileSync(tool('sfdisk').path, ['--quiet', file], {
          input: 'start=1M,size=16M\nstart=20M,size=16M\n',
          stdio: 'pipe',
        }),
    });
    const partx = (action: string): void =>
      void execFileSync(tool('partx').path, [action, device.path], { stdio: 'pipe' });
    partx('--add');
    onTestFinished(() => partx('--delete'));
    const one = `${device.path}p1`;
    execFileSync(tool('mke2fs').path, ['-q', '-F', one], { stdio: 'pipe' });
    mount(one, media);
    const held = openSync(`${device.path}p2`, constants.O_RDONLY | constants.O_EXCL);
    onTestFinished(() => closeSync(held));
    const { identity } = await resolveDevice(systemDrives, one);
    expect(await refusal(device, identity, { ours: MIB })).toMatchObject({
      code: 'drive-busy',
      params: { user: expect.stringContaining(`(${String(process.pid)})`) as unknown },
    });
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toContain(media);
  });

  test('nothing of which a loop device shows a file, and names the loop device', async () => {
    const device = filesystem();
    const { identity } = await device.resolve();
    mount(device.path, media);
    execFileSync('truncate', ['-s', '1M', join(media, 'file')]);
    const over = execFileSync(tool('losetup').path, ['--find', '--show', join(media, 'file')], {
      encoding: 'utf8',
    }).trim();
    onTestFinished(() => void execFileSync(tool('losetup').path, ['--detach', over]));
    const ours = 1024;
    expect(await refusal(device, identity, { ours })).toMatchObject({
      code: 'drive-held',
      params: { holder: over },
    });
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toContain(media);
  });

  test('nothing that is in use, and names the program', async () => {
    const device = filesystem();
    const { identity } = await device.resolve();
    mount(device.path, media);
    const busy = openSync(join(media, 'busy'), 'w');
    const program = findWriterProgram(checkoutEntries(), 'write');
    const refused = openStickTarget({ identity, allowFixed: true, program });
    await expect(refused).rejects.toMatchObject({
      data: {
        code: 'drive-unmount-failed',
        params: {
          mount: media,
          user: expect.stringContaining(`(${String(process.pid)})`) as unknown,
        },
      },
    });
    closeSync(busy);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toContain(media);
  });
});
