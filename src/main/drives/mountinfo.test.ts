import { expect, test } from 'vitest';
import { parseFstab, parseMountinfo, parseSwaps } from './mountinfo.ts';

test('optional fields, escapes and Japanese names', () => {
  const text = [
    '36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue',
    '37 35 8:17 / /media/kim/My\\040Stick rw - vfat /dev/sdb1 rw',
    '38 35 8:18 / /media/kim/\\134\\011中 rw shared:1 master:2 - vfat /dev/sdb2 rw',
    '39 35 0:5 / /proc rw - proc proc rw',
    'nonsense',
  ].join('\n');
  const entries = parseMountinfo(text);
  expect(entries.map(({ device, mountPoint, source }) => [device, mountPoint, source])).toEqual([
    ['98:0', '/mnt2', '/dev/root'],
    ['8:17', '/media/kim/My Stick', '/dev/sdb1'],
    ['8:18', '/media/kim/\\\t中', '/dev/sdb2'],
    ['0:5', '/proc', 'proc'],
  ]);
  expect(entries[0]).toMatchObject({ id: '36', parent: '35', fstype: 'ext3' });
});

test('options of a filesystem, with commas and equals signs in their values', () => {
  const line =
    '40 1 0:31 / / rw - overlay overlay ro,lowerdir=/a\\054b:/c\\075d,upperdir=/e,redirect_dir=on';
  expect(parseMountinfo(line)[0]?.options).toEqual([
    ['ro', ''],
    ['lowerdir', '/a,b:/c=d'],
    ['upperdir', '/e'],
    ['redirect_dir', 'on'],
  ]);
});

test('mount points of fstab', () => {
  const text =
    '# comment\n\nUUID=1 / ext4 defaults 0 1\n/dev/sdb1\t/media/kim/My\\040Stick/ vfat user\n/swap';
  expect(parseFstab(text)).toEqual(['/', '/media/kim/My Stick']);
});

test('swaps', () => {
  const text =
    'Filename\t\t\t\tType\t\tSize\n/dev/dm-1                               partition\t1\n/swap\\040file file 2\n';
  expect(parseSwaps(text)).toEqual(['/dev/dm-1', '/swap file']);
});
