import { expect, test } from 'vitest';
import { judgeDrive, type DriveRules } from './drive-verdict.ts';
import { driveName, findDrive, partitionIdentity, type Drive } from './model/drive.ts';

const RULES: DriveRules = { allowFixed: false, minimumSize: 8e9 };

const STICK: Drive = {
  identity: {
    ...{ path: '/dev/sdb', serial: '123', model: 'Ultra', size: 64e9, transport: 'usb' },
    ...{ deviceNumber: '8:16', generation: '7' },
  },
  ...{ kind: 'usb', vendor: 'SanDisk', readOnly: false, labels: [], mounts: [], swaps: [] },
  ...{ holders: [], system: false, port: null },
  partitions: [{ path: '/dev/sdb1', deviceNumber: '8:17', size: 1e9, label: null }],
};

function reason(change: Partial<Drive>, rules = RULES): string {
  const verdict = judgeDrive({ ...STICK, ...change }, rules);
  return verdict.usable ? 'usable' : verdict.reason.code;
}

function mountedAt(path: string): Partial<Drive> {
  return { mounts: [{ path, device: '/dev/sdb1', pinned: false }] };
}

test('a plain stick is usable', () => {
  expect(judgeDrive(STICK, RULES)).toEqual({ usable: true });
});

test.each([
  ['/', 'drive-is-system'],
  ['/boot', 'drive-is-system'],
  ['/boot/efi', 'drive-is-system'],
  ['/usr/lib', 'drive-is-system'],
  ['/home', 'drive-is-system'],
  ['/run/live/medium', 'drive-is-system'],
  ['/bootleg', 'drive-mounted-elsewhere'],
  ['/mnt/stick', 'drive-mounted-elsewhere'],
  ['/media', 'drive-mounted-elsewhere'],
  ['/mediaserver/x', 'drive-mounted-elsewhere'],
  ['/media/../data', 'drive-mounted-elsewhere'],
  ['/media/kim/../../data', 'drive-mounted-elsewhere'],
  ['/media/STICK', 'drive-mounted-elsewhere'],
  ['/media/root-ro', 'drive-mounted-elsewhere'],
  ['/run/media/STICK', 'drive-mounted-elsewhere'],
  ['/media/kim/', 'drive-mounted-elsewhere'],
  ['/media/kim/STICK', 'usable'],
  ['/run/media/kim/STICK', 'usable'],
  ['/Volumes/STICK', 'usable'],
  ['E:\\', 'usable'],
])('mounted at %s: %s', (path, expected) => {
  expect(reason(mountedAt(path))).toBe(expected);
});

test('a partition of the disk that holds the system is refused as that', () => {
  const [partition] = STICK.partitions;
  const verdict = judgeDrive({ ...STICK, ...mountedAt('/boot') }, RULES, partition);
  expect(verdict).toMatchObject({ usable: false, reason: { code: 'drive-is-system' } });
});

test('a mount that the system has put where sessions mount is not unmounted', () => {
  const mounts = [{ path: '/media/kim/STICK', device: '/dev/sdb1', pinned: true }];
  expect(reason({ mounts })).toBe('drive-mounted-elsewhere');
});

test('a disk that may hold the running system is refused, with --allow-fixed and for reading too', () => {
  const rules = { ...RULES, allowFixed: true };
  expect(reason({ system: 'maybe' }, rules)).toBe('drive-may-be-system');
  expect(reason({ system: 'maybe' }, { ...rules, access: 'read' })).toBe('drive-may-be-system');
});

test('for reading, drives that are built in, loops, write-protected or small are usable', () => {
  const rules = { ...RULES, access: 'read' } as const;
  for (const change of [{ kind: 'fixed' }, { kind: 'loop' }, { readOnly: true }] as const)
    expect(reason(change, rules)).toBe('usable');
  expect(reason({ identity: { ...STICK.identity, size: 1e6 } }, rules)).toBe('usable');
  // What would have to be unmounted or is not there stays excluded.
  expect(reason(mountedAt('/home'), rules)).toBe('drive-is-system');
  expect(reason(mountedAt('/mnt'), rules)).toBe('drive-mounted-elsewhere');
  expect(reason({ holders: ['/dev/dm-0'] }, rules)).toBe('drive-held');
  expect(reason({ identity: { ...STICK.identity, size: 0 } }, rules)).toBe('drive-empty-reader');
});

test('system and swap stay excluded with --allow-fixed', () => {
  const rules = { ...RULES, allowFixed: true };
  expect(reason(mountedAt('/'), rules)).toBe('drive-is-system');
  expect(reason({ swaps: ['/dev/sdb1'] }, rules)).toBe('drive-is-swap');
  expect(reason({ system: true }, rules)).toBe('drive-is-system');
  expect(reason({ holders: ['/dev/dm-0'] }, rules)).toBe('drive-held');
  expect(reason({ kind: 'fixed' }, rules)).toBe('usable');
  expect(reason({ kind: 'loop' }, rules)).toBe('usable');
});

test('a partition is judged by its own size and by everything on its disk', () => {
  const partition = STICK.partitions[0] ?? null;
  const rules = { ...RULES, minimumSize: 1e9 };
  expect(judgeDrive(STICK, rules, partition)).toEqual({ usable: true });
  expect(judgeDrive(STICK, RULES, partition)).toMatchObject({
    reason: { code: 'drive-too-small', params: { size: 1e9, needed: 8e9 } },
  });
  const system = { ...STICK, mounts: [{ path: '/', device: '/dev/sdb2', pinned: false }] };
  expect(judgeDrive(system, rules, partition)).toMatchObject({ usable: false });
});

test('write protection and empty readers', () => {
  expect(reason({ readOnly: true })).toBe('drive-read-only');
  expect(reason({ identity: { ...STICK.identity, size: 0 } })).toBe('drive-empty-reader');
});

test('a drive is found again only while every part of its identity is the same', () => {
  const { identity } = STICK;
  expect(findDrive([STICK], identity)).toEqual({ drive: STICK, partition: null });
  const [partition] = STICK.partitions;
  if (partition === undefined) throw new Error('no partition');
  expect(findDrive([STICK], partitionIdentity(STICK, partition))).toEqual({
    drive: STICK,
    partition,
  });
  const changes = [
    ...[{ path: '/dev/sdb10' }, { serial: '124' }, { model: null }, { size: 64e9 + 512 }],
    ...[{ transport: null }, { deviceNumber: '8:17' }, { generation: '8' }],
  ];
  for (const change of changes) expect(findDrive([STICK], { ...identity, ...change })).toBeNull();
});

test('a name has the maker once', () => {
  const named = (vendor: string | null, model: string | null): string =>
    driveName({ vendor, identity: { ...STICK.identity, model } });
  expect(named('SanDisk', 'Ultra')).toBe('SanDisk Ultra');
  expect(named('SanDisk', 'SANDISK Ultra')).toBe('SANDISK Ultra');
  expect(named(null, 'Ultra')).toBe('Ultra');
  expect(named('SanDisk', null)).toBe('/dev/sdb');
});
