import { expect, test } from 'vitest';
import { parseMountinfo, parseSwaps } from './mountinfo.ts';

test('optional fields, escapes and Japanese names', () => {
  const text = [
    '36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue',
    '37 35 8:17 / /media/kim/My\\040Stick rw - vfat /dev/sdb1 rw',
    '38 35 8:18 / /media/kim/\\134\\011中 rw shared:1 master:2 - vfat /dev/sdb2 rw',
    '39 35 0:5 / /proc rw - proc proc rw',
    'nonsense',
  ].join('\n');
  expect(parseMountinfo(text)).toEqual([
    { device: '98:0', mountPoint: '/mnt2', source: '/dev/root' },
    { device: '8:17', mountPoint: '/media/kim/My Stick', source: '/dev/sdb1' },
    { device: '8:18', mountPoint: '/media/kim/\\\t中', source: '/dev/sdb2' },
    { device: '0:5', mountPoint: '/proc', source: 'proc' },
  ]);
});

test('swaps', () => {
  const text =
    'Filename\t\t\t\tType\t\tSize\n/dev/dm-1                               partition\t1\n/swap\\040file file 2\n';
  expect(parseSwaps(text)).toEqual(['/dev/dm-1', '/swap file']);
});
