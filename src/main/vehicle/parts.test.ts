import { expect, test } from 'vitest';
import { failureMeaning, type EcuStatus } from '../../shared/model/vehicle.ts';
import { Speeds } from './speed.ts';
import { MAX_ECUS, toVehicleStatus } from './status.ts';

test.each([
  ['E101: no route', 'network'],
  ['E203: 404', 'image'],
  ['E204', 'cookies'],
  ['E208', 'bsp'],
  ['E299', 'recoverable'],
  ['E307', 'space'],
  ['E309: certificate', 'certificate'],
  ['E300', 'unrecoverable'],
  ['E999', 'other'],
  ['', 'other'],
])('the failure %j means %s', (reason, meaning) => {
  expect(failureMeaning(reason)).toBe(meaning);
});

test('of more ECUs than any vehicle has, and of long texts, only some is taken', () => {
  const long = 'x'.repeat(10_000);
  const ecu = { ecuId: long, version: long, clientVersion: long, state: 99, failureType: 0 };
  const wire = { ...ecu, failureReason: long, updateStatus: null };
  const status = toVehicleStatus({
    ecuIds: Array.from({ length: 1000 }, () => long),
    ecus: Array.from({ length: 1000 }, () => wire),
  });
  expect([status.ecuIds.length, status.ecus.length]).toEqual([MAX_ECUS, MAX_ECUS]);
  expect(status.ecus[0]).toMatchObject({ ecuId: 'x'.repeat(255), state: 'unknown' });
  expect(status.ecus[0]?.failureReason).toHaveLength(4096);
});

const downloading = (downloadedBytes: number): EcuStatus => ({
  ...{ ecuId: 'a', version: '1', clientVersion: '3', state: 'updating', failureReason: '' },
  recoverable: true,
  progress: {
    ...{ version: '2', started: 1, phase: 'downloading', files: 1, downloadBytes: 1000 },
    ...{ downloadedBytes, downloadErrors: 0, processedFiles: 0 },
  },
});

test('speed and time left come from the last seconds of a download', () => {
  const speeds = new Speeds();
  expect(speeds.of(downloading(0), 0)).toEqual({ bytesPerSecond: null, secondsLeft: null });
  expect(speeds.of(downloading(100), 1)).toEqual({ bytesPerSecond: 100, secondsLeft: 9 });
  expect(speeds.of(downloading(100), 30).bytesPerSecond).toBeNull();
  // It began anew.
  expect(speeds.of(downloading(0), 31).bytesPerSecond).toBeNull();
});
