import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loopDevice, type LoopDevice } from '../support/loop.ts';
import { tmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices, tool } from '../support/tools.ts';
import type { Tried } from '../support/try-writer.ts';

const MIB = 1024 * 1024;
const SUPPORT = join(import.meta.dirname, '..', 'support');
const [unshare, pivotRoot] = [tool('unshare'), tool('pivot_root')];

/** Two partitions; the second has an ext4 filesystem, which nothing has mounted. */
function twoPartitions(): LoopDevice {
  const device = loopDevice({
    size: 48 * MIB,
    fill: (file) =>
      execFileSync(tool('sfdisk').path, ['--quiet', file], {
        input: 'start=1M,size=16M\nstart=20M,size=24M\n',
        stdio: 'pipe',
      }),
  });
  const partx = (action: string): void =>
    void execFileSync(tool('partx').path, [action, device.path], { stdio: 'pipe' });
  partx('--add');
  onTestFinished(() => partx('--delete'));
  const options = ['-q', '-F', '-t', 'ext4', `${device.path}p2`];
  execFileSync(tool('mke2fs').path, options, { stdio: 'pipe' });
  return device;
}

/** What list and writer say of the devices where the root is an overlay of the device's second partition. */
function underOverlayRoot(
  device: LoopDevice,
  lower: 'seen' | 'hidden',
  paths: readonly string[],
): Tried[] {
  const script = ['sh', join(SUPPORT, 'overlay-root.sh'), `${device.path}p2`, lower];
  const command = [process.execPath, join(SUPPORT, 'try-writer.ts'), ...paths];
  const args = ['--mount', '--propagation=private', ...script, join(tmpFolder(), 'root')];
  const output = execFileSync(unshare.path, [...args, ...command], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TMPDIR: '/tmp' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return JSON.parse(output) as Tried[];
}

describeNeeding([needsLoopDevices(), unshare, pivotRoot], 'where the root is an overlay', () => {
  test('the disk with its lower filesystem is refused, and stays mounted', () => {
    const device = twoPartitions();
    const before = readFileSync(device.file).subarray(0, 20 * MIB);
    const tried = underOverlayRoot(device, 'seen', [`${device.path}p1`, device.path]);
    for (const { listed, writer, mounts } of tried) {
      expect([listed, writer]).toEqual(['drive-is-system', 'drive-is-system']);
      expect(mounts).toContain('/media/root-ro');
    }
    expect(tried).toHaveLength(2);
    expect(Buffer.compare(readFileSync(device.file).subarray(0, 20 * MIB), before)).toBe(0);
  });

  test('the disk is refused also where the lower filesystem is not seen any more', () => {
    const device = twoPartitions();
    for (const { listed, writer, mounts } of underOverlayRoot(device, 'hidden', [
      `${device.path}p1`,
      device.path,
    ])) {
      expect(mounts).not.toContain('/media/root-ro');
      expect([listed, writer]).toEqual(['drive-held', 'drive-held']);
    }
  });

  test('another disk is usable', () => {
    const other = loopDevice({ size: 16 * MIB });
    for (const lower of ['seen', 'hidden'] as const)
      expect(underOverlayRoot(twoPartitions(), lower, [other.path])).toMatchObject([
        { listed: 'usable', writer: 'opened' },
      ]);
  });
});
