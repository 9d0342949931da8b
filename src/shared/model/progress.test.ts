import { expect, test } from 'vitest';
import { overallFraction, type Phase } from './progress.ts';

const at = (phase: Phase, bytesDone: number, bytesTotal: number | null = 100) => ({
  ...{ phase, bytesDone, bytesTotal },
});

test.each([
  [null, null, null],
  [at('check', 50), null, null],
  [at('look', 0, null), null, null],
  [at('prepare', 0, null), 0, 0],
  [at('write', 50), 0.25, 0.5],
  [at('write', 100), 0.5, 1],
  // Nothing to write is no reason to divide by it.
  [at('write', 0, 0), 0, 0],
  [at('flush', 0, null), 0.5, null],
  [at('verify', 50), 0.75, 0.5],
  [at('commit', 0, null), 1, 1],
  [at('eject', 0, null), 1, 1],
])('after %j of a job with read-back %s is done, without %s', (progress, withIt, without) => {
  expect(overallFraction(progress, true)).toBe(withIt);
  expect(overallFraction(progress, false)).toBe(without);
});
