import { expect, test } from 'vitest';
import { judgeDrive } from '../../shared/drive-verdict.ts';
import { assembleWindowsDrives } from './windows.ts';

const VOLUME = '\\\\?\\Volume{11111111-0000-0000-0000-100000000000}\\';

function disk(number: number, rest: object): object {
  return {
    ...{ Number: number, FriendlyName: 'Disk', Manufacturer: null, SerialNumber: ' 4C53 ' },
    ...{ UniqueId: 'USBSTOR\\X', Size: 31914983424, BusType: 'USB', IsBoot: false },
    ...{ IsSystem: false, IsReadOnly: false, Path: '\\\\?\\usbstor#disk' },
    ...rest,
  };
}

function answer(disks: readonly object[], rest: object = {}): string {
  const partitions = [
    { DiskNumber: 0, PartitionNumber: 1, Size: 1e9, AccessPaths: ['C:\\'] },
    { DiskNumber: 1, PartitionNumber: 1, Size: 2e9, AccessPaths: ['E:\\', VOLUME] },
  ];
  const volumes = [{ Path: VOLUME, FileSystemLabel: '日本' }];
  return JSON.stringify({ disks, partitions, volumes, pagefiles: null, ...rest });
}

test('a stick beside the system disk', () => {
  const drives = assembleWindowsDrives(
    answer([disk(0, { BusType: 'NVMe', IsBoot: true, IsSystem: true }), disk(1, {})]),
  );
  const verdicts = drives.map((drive) => judgeDrive(drive, { allowFixed: true, minimumSize: 0 }));
  expect(verdicts).toMatchObject([{ reason: { code: 'drive-is-system' } }, { usable: true }]);
  expect(drives[1]).toMatchObject({
    ...{ kind: 'usb', labels: ['日本'], mounts: [{ path: 'E:\\' }] },
    identity: { path: '\\\\.\\PhysicalDrive1', serial: '4C53', size: 31914983424 },
  });
});

test('a page file on a stick', () => {
  const [drive] = assembleWindowsDrives(answer([disk(1, {})], { pagefiles: ['E:\\pagefile.sys'] }));
  expect(drive?.swaps).toEqual(['E:\\pagefile.sys']);
});

test.each([
  ['SD', 'sd'],
  ['MMC', 'fixed'],
  ['SATA', 'fixed'],
  ['File Backed Virtual', 'loop'],
])('bus %s is %s', (BusType, kind) => {
  expect(assembleWindowsDrives(answer([disk(1, { BusType })]))).toMatchObject([{ kind }]);
});

test('no disks at all, and no answer', () => {
  expect(assembleWindowsDrives('{"disks":null,"partitions":null,"volumes":null}')).toEqual([]);
  expect(() => assembleWindowsDrives('null')).toThrow(SyntaxError);
  expect(() => assembleWindowsDrives('')).toThrow(SyntaxError);
});
