import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Progress } from '../../shared/model/progress.ts';
import { ProgressReporter } from './progress-reporter.ts';

/** Runs a meter over steps of (milliseconds, bytes) and gives what it reported. */
function reportsOf(steps: readonly (readonly [number, number])[], bytes: number): Progress[] {
  let now = 1000;
  let done = 0;
  const all: Progress[] = [];
  const meter = new ProgressReporter(
    'write',
    { bytes, files: 7 },
    (progress) => all.push(progress),
    {
      now: () => now,
    },
  );
  for (const [milliseconds, more] of steps) {
    now += milliseconds;
    done = Math.min(bytes, done + more);
    meter.update(done, 0);
  }
  meter.finish();
  return all;
}

test('a steady speed is reported, and the time left is right', () => {
  const all = reportsOf(
    Array.from({ length: 100 }, () => [100, 1_000_000] as const),
    200_000_000,
  );
  const last = all.at(-2);
  expect(last?.bytesPerSecond).toBeCloseTo(10_000_000, -4);
  expect(Math.abs((last?.secondsLeft ?? 0) - 10)).toBeLessThan(0.5);
  expect(all[0]).toMatchObject({ bytesDone: 0, secondsLeft: null, bytesPerSecond: null });
  expect(all.at(-1)).toMatchObject({ bytesDone: 200_000_000, filesDone: 7, secondsLeft: 0 });
});

test('it never goes back', () => {
  const step = fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.nat(50_000_000));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const done = reportsOf(steps, 1_000_000_000).map(({ bytesDone }) => bytesDone);
      expect(done).toEqual(done.toSorted((a, b) => a - b));
    }),
    { seed: 20_260_110, numRuns: 500 },
  );
});

test('it speaks a few times a second, however often it is asked to', () => {
  const all = reportsOf(
    Array.from({ length: 10_000 }, () => [1, 10] as const),
    1_000_000,
  );
  expect(all.length).toBeGreaterThan(30);
  expect(all.length).toBeLessThan(80);
});

test('without totals it tells no time', () => {
  const all: Progress[] = [];
  let now = 0;
  const meter = new ProgressReporter('flush', { bytes: null, files: null }, (p) => all.push(p), {
    now: () => now,
  });
  now = 5000;
  meter.update(100, 1);
  meter.finish();
  expect(all[1]).toMatchObject({ bytesDone: 100, bytesTotal: null, secondsLeft: null });
});
