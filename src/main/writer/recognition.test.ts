import { expect, test } from 'vitest';
import { hiddenBy, parseBlkid } from './recognition.ts';

const WANTED = { type: 'ext4', label: 'ota_cache_src' };

/** As blkid of util-linux 2.38 prints them. */
const OURS = `ID_FS_LABEL=ota_cache_src
ID_FS_LABEL_ENC=ota_cache_src
ID_FS_UUID=8b1c
ID_FS_VERSION=1.0
ID_FS_BLOCK_SIZE=4096
ID_FS_TYPE=ext4
ID_FS_USAGE=filesystem
`;
const PARTITION = `ID_PART_ENTRY_SCHEME=dos
ID_PART_ENTRY_NUMBER=1
ID_PART_ENTRY_DISK=7:8
`;

const judge = (text: string, wanted: typeof WANTED | null) => {
  const error = hiddenBy('Stick', parseBlkid(text), wanted);
  return error === null ? null : error.data;
};
const hidden = (found: string) => ({ code: 'drive-hidden', params: { drive: 'Stick', found } });

test('a device with our filesystem alone is recognised, a partition too', () => {
  expect(judge(OURS, WANTED)).toBeNull();
  expect(judge(`${OURS}${PARTITION}`, WANTED)).toBeNull();
});

test('a device without any signature is empty, a partition too', () => {
  expect(judge('', null)).toBeNull();
  expect(judge(PARTITION, null)).toBeNull();
  expect(judge(OURS, null)).toEqual(hidden('ext4'));
});

test.each([
  ['a RAID', 'ID_FS_TYPE=isw_raid_member\nID_FS_USAGE=raid\n', 'isw_raid_member'],
  ['two filesystems', 'ID_FS_AMBIVALENT=filesystem:ext4:1.0 filesystem:xfs\n', 'xfs'],
  ['three', 'ID_FS_AMBIVALENT=filesystem:xfs filesystem:ext4:1.0 other:swap:1\n', 'xfs, swap'],
  ['a partition table', `${OURS}ID_PART_TABLE_TYPE=dos\n`, 'dos'],
])('what hides ours is named: %s', (_, text, found) => {
  expect(judge(text, WANTED)).toEqual(hidden(found));
});

test.each([
  ['nothing', ''],
  ['another label', OURS.replaceAll('ota_cache_src', 'MY_STICK')],
  ['no label', OURS.replaceAll(/.*LABEL.*\n/g, '')],
  [
    'a label that is ours only to the eye',
    OURS.replace('ENC=ota_cache_src', 'ENC=ota\\\\x20cache_src'),
  ],
])('a device with %s is not recognised', (_, text) => {
  expect(judge(text, WANTED)?.code).toBe('drive-recognition-failed');
});
