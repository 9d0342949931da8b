import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Drive } from '../../shared/model/drive.ts';
import { tmpFolder } from '../../../test/support/tmp.ts';
import type { DriveSource } from './drive-source.ts';
import { resolveDevice } from './resolve-device.ts';

/** Nodes that every Linux has stand in for a disk and its partition: only their paths matter. */
const DISK: Drive = {
  identity: {
    ...{ path: '/dev/null', serial: 's', model: 'm', size: 10, transport: 'usb' },
    ...{ deviceNumber: '8:16', generation: '7' },
  },
  ...{ kind: 'usb', vendor: null, readOnly: false, labels: [], mounts: [], swaps: [] },
  ...{ holders: [], system: false, port: null },
  partitions: [{ path: '/dev/zero', deviceNumber: '8:17', size: 5, label: null }],
};
const source: DriveSource = { list: () => Promise.resolve([DISK]) };

test('a disk, a partition and a link to one', async () => {
  const link = join(tmpFolder(), 'usb-SanDisk-part1');
  symlinkSync('/dev/zero', link);
  expect(await resolveDevice(source, '/dev/null')).toMatchObject({ partition: null });
  for (const path of ['/dev/zero', link])
    expect((await resolveDevice(source, path)).identity).toEqual({
      ...DISK.identity,
      ...{ path: '/dev/zero', deviceNumber: '8:17', size: 5 },
    });
});

test('a plain file and a folder are no devices', async () => {
  const folder = tmpFolder();
  writeFileSync(join(folder, 'x'), '');
  for (const path of [folder, join(folder, 'x')])
    await expect(resolveDevice(source, path)).rejects.toMatchObject({
      data: { code: 'drive-not-a-device', params: { path } },
    });
});

test('what is not there, and a device that is no drive', async () => {
  for (const path of ['/dev/no-such-device', '/dev/tty'])
    await expect(resolveDevice(source, path)).rejects.toThrow('drive-not-found');
});
