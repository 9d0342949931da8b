import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { pretendPlatform } from '../../../test/support/platform.ts';
import { builderError } from '../../shared/errors.ts';
import type { Drive } from '../../shared/model/drive.ts';
import type { DriveSource } from './drive-source.ts';
import { driveSource, handInDriveSource, systemDrives } from './system-drives.ts';
import { watchDrives, watchInterval, type DriveEvent } from './watch-drives.ts';

const DRIVE = { identity: { path: '/dev/sdb' } } as unknown as Drive;

afterEach(() => handInDriveSource(systemDrives));

/** Answers one after another; the last one again and again. */
function answers(...list: readonly (readonly Drive[] | Error)[]): DriveSource {
  let next = 0;
  return {
    list: () => {
      const answer = list[Math.min(next++, list.length - 1)] ?? [];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
}

async function collect(source: DriveSource, count: number): Promise<DriveEvent[]> {
  const events: DriveEvent[] = [];
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const stop = watchDrives(
    source,
    (event) => {
      events.push(event);
      if (events.length === count) resolve(undefined);
    },
    1,
  );
  await promise;
  await sleep(20);
  stop();
  return events;
}

test('tells the first list, then changes only', async () => {
  const events = await collect(answers([], [], [DRIVE], [DRIVE], []), 3);
  expect(events).toEqual([
    { kind: 'drives', drives: [] },
    { kind: 'drives', drives: [DRIVE] },
    { kind: 'drives', drives: [] },
  ]);
});

test('tells a failure once and goes on', async () => {
  const failure = builderError('drive-list-failed', { reason: 'x' });
  const events = await collect(answers(failure, failure, [DRIVE]), 2);
  expect(events).toEqual([
    { kind: 'failed', error: failure.data },
    { kind: 'drives', drives: [DRIVE] },
  ]);
});

test('is silent after it was ended', async () => {
  let calls = 0;
  const stop = watchDrives(answers([DRIVE]), () => calls++, 1);
  stop();
  await sleep(20);
  expect(calls).toBe(0);
});

test('a host in the same process can hand in a list', async () => {
  expect(driveSource()).toBe(systemDrives);
  handInDriveSource(answers([DRIVE]));
  expect(await driveSource().list()).toEqual([DRIVE]);
});

test('where every look starts PowerShell, there are fewer', () => {
  pretendPlatform('linux');
  const often = watchInterval();
  pretendPlatform('win32');
  expect(watchInterval()).toBe(5 * often);
});
