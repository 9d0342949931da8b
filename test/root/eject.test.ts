import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { resolveDevice } from '../../src/main/drives/resolve-device.ts';
import { systemDrives } from '../../src/main/drives/system-drives.ts';
import { linuxPlatform } from '../../src/main/writer/linux-platform.ts';
import type { WriterTarget } from '../../src/main/writer/platform.ts';
import { loopDevice } from '../support/loop.ts';
import { tmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices, testNeeding, tool } from '../support/tools.ts';

const MIB = 1024 * 1024;
const swapon = tool('swapon');
const partx = tool('partx');
const losetup = tool('losetup');

/** What the writer has open when it has written the first of two partitions of a stick. */
async function written(): Promise<{ target: WriterTarget; other: string }> {
  const device = loopDevice({
    size: 64 * MIB,
    fill: (file) =>
      execFileSync(tool('sfdisk').path, ['--quiet', file], {
        input: 'start=1M,size=16M\nstart=20M,size=16M\n',
        stdio: 'pipe',
      }),
  });
  // By hand: not every kernel knows this kind of partition table.
  execFileSync(partx.path, ['--add', device.path], { stdio: 'pipe' });
  onTestFinished(() => void execFileSync(partx.path, ['--delete', device.path], { stdio: 'pipe' }));
  const { drive, identity, partition } = await resolveDevice(systemDrives, `${device.path}p1`);
  const target: WriterTarget = {
    ...{ name: 'Stick', identity, partition, access: 'write' },
    // Only what is on USB is ever switched off.
    drive: { ...drive, kind: 'usb' },
  };
  return { target, other: `${device.path}p2` };
}

/** Why the drive is not switched off. Of a loop device there is always a reason. */
async function refusal(target: WriterTarget): Promise<string> {
  return await linuxPlatform.eject(target).then(
    () => 'it was switched off',
    (error: unknown) => (error as Error).message,
  );
}

describeNeeding(
  [needsLoopDevices(), tool('sfdisk'), partx],
  'a stick of which one partition was written',
  () => {
    testNeeding([], 'is switched off while nothing uses the other', async () => {
      const { target } = await written();
      // The oracle can tell: here only the tool refuses, which knows no loop devices or is not there.
      expect(await refusal(target)).not.toMatch(/^it is/);
    });

    testNeeding([swapon], 'stays on while the other is swap', async () => {
      const { target, other } = await written();
      execFileSync(tool('mkswap').path, [other], { stdio: 'pipe' });
      execFileSync(swapon.path, [other], { stdio: 'pipe' });
      onTestFinished(() => void execFileSync(tool('swapoff').path, [other]));
      expect(await refusal(target)).toBe(`it is also used by ${other}`);
    });

    testNeeding([], 'stays on while something is built on the other', async () => {
      const { target, other } = await written();
      const args = ['--find', '--show', other];
      const over = execFileSync(losetup.path, args, { encoding: 'utf8' }).trim();
      onTestFinished(() => void execFileSync(losetup.path, ['--detach', over]));
      expect(await refusal(target)).toBe(`it is also used by ${over}`);
    });

    testNeeding([tool('mke2fs')], 'stays on while the other is mounted', async () => {
      const { target, other } = await written();
      execFileSync(tool('mke2fs').path, ['-q', '-F', other], { stdio: 'pipe' });
      const folder = join(tmpFolder(), 'mounted');
      mkdirSync(folder);
      execFileSync(tool('mount').path, [other, folder]);
      onTestFinished(() => void execFileSync(tool('umount').path, [folder]));
      expect(await refusal(target)).toBe(`it is also mounted at ${folder}`);
    });
  },
);
