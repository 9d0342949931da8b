import { expect, test, vi } from 'vitest';
import { pretendPlatform } from '../../../test/support/platform.ts';
import { systemDrives } from '../drives/system-drives.ts';
import type { Drive } from '../../shared/model/drive.ts';
import { toDriveError } from './device-errors.ts';
import type { WriterPlatform, WriterTarget } from './platform.ts';

const GONE: Drive = {
  identity: {
    ...{ path: '/dev/sdzz', serial: 'S1', model: 'Stick', size: 1e9, transport: 'usb' },
    ...{ deviceNumber: '8:1', generation: 'gone' },
  },
  ...{
    kind: 'usb',
    vendor: null,
    port: null,
    readOnly: false,
    partitions: [],
    labels: [],
    mounts: [],
  },
  ...{ swaps: [], holders: [], system: false },
};

const platform = { usersOf: () => Promise.resolve('dd (7)') } as unknown as WriterPlatform;
const write = { kind: 'write', offset: 4096 } as const;

const failed = (code: string): Error => Object.assign(new Error(code), { code });
const targetOf = (drive: Drive): WriterTarget => ({
  ...{ name: 'Stick', identity: drive.identity, drive, partition: null, access: 'write' },
});

test.each(['EIO', 'ENODEV', 'ENXIO', 'ENOSPC', 'ENOMEDIUM'])(
  '%s of a device that is gone means that it was unplugged',
  async (code) => {
    const { data } = await toDriveError(failed(code), write, targetOf(GONE), platform);
    expect(data).toEqual({ code: 'drive-unplugged', params: { drive: 'Stick' } });
  },
);

test.each([
  ['EBUSY', { code: 'drive-busy', params: { drive: 'Stick', user: 'dd (7)' } }],
  ['EROFS', { code: 'drive-read-only', params: { drive: 'Stick' } }],
  ['ELOOP', { code: 'drive-changed', params: { drive: 'Stick' } }],
])(
  '%s is reported as what it means, without a look whether the device is there',
  async (code, data) => {
    expect(
      (await toDriveError(failed(code), { kind: 'open' }, targetOf(GONE), platform)).data,
    ).toEqual(data);
  },
);

test.each([9, -9])(
  'the clock set by %i hours neither shortens nor prolongs the look',
  async (hours) => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const list = vi.spyOn(systemDrives, 'list').mockImplementation(() => {
      vi.setSystemTime(Date.now() + hours * 3_600_000);
      vi.advanceTimersByTime(400);
      return Promise.resolve([GONE]);
    });
    try {
      await toDriveError(failed('EIO'), write, targetOf(GONE), platform);
      expect(list).toHaveBeenCalledTimes(4);
    } finally {
      list.mockRestore();
      vi.useRealTimers();
    }
  },
);

test.each<[NodeJS.Platform, string]>([
  ['win32', 'drive-blocked-by-windows'],
  ['darwin', 'drive-blocked-by-macos'],
  ['linux', 'drive-read-only'],
])('EPERM on %s is %s', async (platformName, code) => {
  pretendPlatform(platformName);
  const error = await toDriveError(failed('EPERM'), { kind: 'open' }, targetOf(GONE), platform);
  expect(error.code).toBe(code);
});

test('ENOSPC of a device that is there stays what it is', async () => {
  const list = vi.spyOn(systemDrives, 'list').mockResolvedValue([GONE]);
  const { data } = await toDriveError(failed('ENOSPC'), write, targetOf(GONE), platform);
  const params = { drive: 'Stick', offset: 4096, reason: 'ENOSPC' };
  expect(data).toEqual({ code: 'drive-write-failed', params });
  // The kernel fails requests before it takes a device out of its lists: one look is not enough.
  expect(list.mock.calls.length).toBeGreaterThan(1);
  list.mockRestore();
});
