import { expect, test } from 'vitest';
import type { Drive } from '../../shared/model/drive.ts';
import { parseMountinfo } from '../drives/mountinfo.ts';
import { mountInTheWay, otherUse } from './linux-platform.ts';

const identity = {
  ...{ path: '/dev/sdzz', serial: 'S1', model: 'Stick', size: 1e9, transport: 'usb' },
  ...{ deviceNumber: '8:1', generation: '5' },
};
const STICK: Drive = {
  ...{ identity, kind: 'usb', vendor: null, port: null, readOnly: false },
  ...{ partitions: [], labels: [], mounts: [], swaps: [], holders: [], system: false },
};

test('a disk that nothing else uses may be switched off', () => {
  const used = { ...STICK, identity: { ...identity, path: '/dev/sdy' }, swaps: ['/dev/sdy1'] };
  expect(otherUse([used, STICK], identity)).toBeNull();
});

test.each<[string, Partial<Drive>, string]>([
  [
    'is mounted, below LUKS too',
    { mounts: [{ path: '/media/x', device: '/dev/mapper/luks', pinned: false }] },
    'it is also mounted at /media/x',
  ],
  ['is swap', { swaps: ['/dev/sdzz2'] }, 'it is also used by /dev/sdzz2'],
  [
    'is held by LVM',
    { holders: ['/dev/mapper/vg-data'] },
    'it is also used by /dev/mapper/vg-data',
  ],
  [
    'was plugged in anew',
    { identity: { ...identity, generation: '6' } },
    'it is not the drive any more that was opened',
  ],
])('a disk of which another part %s is not', (_title, change, reason) => {
  expect(otherUse([{ ...STICK, ...change }], identity)).toBe(reason);
});

test('a disk that is gone is not switched off', () => {
  expect(otherUse([], identity)).toBe('it is not the drive any more that was opened');
});

const MOUNTS = parseMountinfo(
  [
    '30 1 8:17 / /media/kim/A rw - vfat /dev/sdb1 rw',
    '31 30 8:17 / /media/kim/A/inner rw - vfat /dev/sdb1 rw',
    '32 1 8:18 / /media/root-ro rw - ext4 /dev/sdb2 rw',
    '33 1 8:19 / /media/kim/B rw - ext4 /dev/sdb3 rw',
    '34 33 0:50 / /media/kim/B rw - tmpfs tmpfs rw',
    '35 1 8:20 / /media/kim/C rw - ext4 /dev/sdb4 rw',
  ].join('\n'),
);

test.each([
  ['8:17', 'of a session, nested too', null],
  ['8:18', 'of the system', '/media/root-ro'],
  // umount(8) would take away the tmpfs, and say that all is well.
  ['8:19', 'below another one', '/media/kim/B'],
  ['8:20', 'of the administrator', '/media/kim/C'],
])('of the mounts of %s, one %s is in the way', (number, _, expected) => {
  const own = MOUNTS.filter(({ device }) => device === number);
  expect(mountInTheWay(own, MOUNTS, ['/media/kim/C'])).toBe(expected);
});
