import { expect, test } from 'vitest';
import { parseMountinfo } from '../drives/mountinfo.ts';
import { canRootRead, keepsRootOut, mountOf } from './root-readable.ts';

const table = parseMountinfo(
  [
    '20 1 8:1 / / rw - ext4 /dev/sda1 rw',
    '21 20 0:50 / /home/kim/vault rw - fuse.gocryptfs vault rw,user_id=1000,group_id=1000',
    '22 20 0:51 / /home/kim/all rw - fuse.sshfs x: rw,user_id=1000,group_id=1000,allow_other',
    '23 20 0:52 / /home/kim/roots rw - fuse.bindfs /x rw,user_id=0,group_id=0',
    '24 20 0:53 / /home/lee rw - nfs4 server:/lee rw,vers=4.2',
    '25 24 8:17 / /home/lee/stick rw - vfat /dev/sdb1 rw',
    '26 20 8:33 / /home/kim/ntfs rw - fuseblk /dev/sdc1 rw,user_id=0,group_id=0,allow_other',
  ].join('\n'),
);

test.each([
  ['/opt/app/writer.mjs', '/', false],
  ['/home/kim/vault/app/writer.ts', '/home/kim/vault', true],
  ['/home/kim/vaults/writer.ts', '/', false],
  ['/home/kim/all/writer.ts', '/home/kim/all', false],
  ['/home/kim/roots/writer.ts', '/home/kim/roots', false],
  ['/home/kim/ntfs/writer.ts', '/home/kim/ntfs', false],
  ['/home/lee/app/writer.ts', '/home/lee', true],
  ['/home/lee/stick/writer.ts', '/home/lee/stick', false],
])('%s lies on %s, which keeps root out: %s', (path, mountPoint, expected) => {
  const mount = mountOf(path, table);
  expect(mount?.mountPoint).toBe(mountPoint);
  expect(mount !== null && keepsRootOut(mount)).toBe(expected);
});

test('root can read this file, and what is not there is not called unreadable', async () => {
  expect(await canRootRead(import.meta.filename)).toBe(true);
  expect(await canRootRead('/no/such/file')).toBe(true);
});
