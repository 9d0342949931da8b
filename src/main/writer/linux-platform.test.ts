import { expect, test } from 'vitest';
import type { Drive } from '../../shared/model/drive.ts';
import { otherUse } from './linux-platform.ts';

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
    { mounts: [{ path: '/media/x', device: '/dev/mapper/luks' }] },
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
