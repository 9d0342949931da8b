import { expect, test } from 'vitest';
import { parseMountinfo } from '../drives/mountinfo.ts';
import { mountsFrom } from './linux-users.ts';

const table = parseMountinfo(
  [
    '30 1 8:17 / /media/kim/A rw - vfat /dev/sdb1 rw',
    '31 30 8:17 / /media/kim/A/inner rw - vfat /dev/sdb1 rw',
    '32 1 8:26 / /media/kim/TEN rw - vfat /dev/sdb10 rw',
    '33 1 0:41 / /media/kim/BTRFS rw - btrfs /dev/sdb2 rw',
    '34 1 8:1 / / rw - ext4 /dev/sda1 rw',
    // A tmpfs may be called anything.
    '35 1 0:42 / /media/kim/TMP rw - tmpfs /dev/sdb1 rw',
  ].join('\n'),
);

test.each([
  ['sdb1', '8:17', ['/media/kim/A', '/media/kim/A/inner']],
  ['sdb10', '8:26', ['/media/kim/TEN']],
  // btrfs has no device number of its own in the table.
  ['sdb2', '8:18', ['/media/kim/BTRFS']],
  ['sdb', '8:16', []],
])('what is mounted from %s (%s)', (name, deviceNumber, expected) => {
  const found = mountsFrom(table, [{ path: `/dev/${name}`, deviceNumber }]);
  expect(found.map(({ mountPoint }) => mountPoint)).toEqual(expected);
});
