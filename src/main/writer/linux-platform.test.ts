import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseMountinfo } from '../drives/mountinfo.ts';
import { linuxPlatform } from './linux-platform.ts';
import type { WriterTarget } from './platform.ts';

test.runIf(process.platform === 'linux')(
  'a disk is not switched off while another of its partitions is mounted',
  async () => {
    const table = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
    const mount = table.find(({ mountPoint }) => mountPoint === '/proc');
    // There is no such disk, so nothing could be switched off in any case.
    const identity = { path: '/dev/no-such-disk', deviceNumber: '259:1048575' };
    const other = { path: '/dev/no-such-disk2', deviceNumber: mount?.device ?? '' };
    const target = {
      ...{ name: 'Stick', identity, partition: { ...identity, path: '/dev/no-such-disk1' } },
      drive: { kind: 'usb', identity, partitions: [other] },
    } as unknown as WriterTarget;
    await expect(linuxPlatform.eject(target)).rejects.toThrow('also mounted at /proc');
  },
);
