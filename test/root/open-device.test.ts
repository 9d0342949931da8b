import { closeSync, constants, openSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isClaimed } from '../../src/main/drives/claims.ts';
import { AlignedMemory } from '../../src/main/writer/block-device.ts';
import { linuxPlatform } from '../../src/main/writer/linux-platform.ts';
import { loopDevice } from '../support/loop.ts';
import { tmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices } from '../support/tools.ts';

const MIB = 1024 * 1024;

/** The checks between the list of drives and the descriptor that is written to. */
describeNeeding([needsLoopDevices()], 'a device', () => {
  const open = async (identity: { path: string; deviceNumber: string }) => {
    const target = {
      name: 'Stick',
      identity: { size: MIB, ...identity },
      access: 'write',
    } as never;
    return await linuxPlatform.open(target, new AlignedMemory().scratch).then(
      async (device) => {
        const { size, blockSize } = device;
        await device.close();
        return { size, blockSize };
      },
      (error: unknown) => (error as { code: string }).code,
    );
  };

  test('is opened that has the path and the number that it was listed with', async () => {
    const device = loopDevice({ size: MIB });
    const { path, deviceNumber } = (await device.resolve()).identity;
    expect(await open({ path, deviceNumber })).toEqual({ size: MIB, blockSize: 512 });
  });

  test.each<['read' | 'write', string]>([
    ['read', 'EBADF'],
    ['write', 'written'],
  ])('that was opened to %s: the kernel says of a write', async (access, answer) => {
    const device = loopDevice({ size: MIB });
    const { identity } = await device.resolve();
    const { scratch } = new AlignedMemory();
    const target = { name: 'Stick', identity, access } as never;
    const opened = await linuxPlatform.open(target, scratch);
    try {
      // For reading, too, no other process gets it.
      expect(() => openSync(device.path, constants.O_RDONLY | constants.O_EXCL)).toThrow('EBUSY');
      const block = new AlignedMemory().scratch.subarray(0, 4096).fill(7);
      const written = opened.write(0, block).then(() => 'written');
      expect(await written.catch((error: unknown) => (error as { code: string }).code)).toBe(
        answer,
      );
    } finally {
      await opened.close();
    }
  });

  test('is opened although another process looks at it for an instant, and not while one keeps it', async () => {
    const device = loopDevice({ size: MIB });
    const { path, deviceNumber } = (await device.resolve()).identity;
    const looking = openSync(path, constants.O_RDONLY | constants.O_EXCL);
    const opened = open({ path, deviceNumber });
    const asked = isClaimed(path);
    await sleep(50);
    closeSync(looking);
    expect(await asked).toBe(false);
    expect(await opened).toEqual({ size: MIB, blockSize: 512 });
    const kept = openSync(path, constants.O_RDONLY | constants.O_EXCL);
    try {
      expect(await isClaimed(path)).toBe(true);
      expect(await open({ path, deviceNumber })).toBe('EBUSY');
    } finally {
      closeSync(kept);
    }
  });

  test('of another number is not the one that was listed', async () => {
    const device = loopDevice({ size: MIB });
    const other = loopDevice({ size: MIB });
    const { deviceNumber } = (await other.resolve()).identity;
    expect(await open({ path: device.path, deviceNumber })).toBe('drive-changed');
  });

  test('is not opened through a link, nor is a file', async () => {
    const device = loopDevice({ size: MIB });
    const { deviceNumber } = (await device.resolve()).identity;
    const link = join(tmpFolder(), 'stick');
    symlinkSync(device.path, link);
    expect(await open({ path: link, deviceNumber })).toBe('ELOOP');
    expect(await open({ path: device.file, deviceNumber })).toBe('drive-changed');
    expect(readFileSync(device.file).every((byte) => byte === 0)).toBe(true);
  });
});
