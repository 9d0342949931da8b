import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TimeLeft } from './time-left.ts';

const MB = 1_000_000;
const TICK = 0.2;

interface Shown {
  readonly at: number;
  readonly shown: number | null;
  /** Seconds until the last byte of all phases. */
  readonly really: number;
}

/** Phases of so many bytes, each at a speed in MB/s that depends on the seconds since it began. */
function job(phases: readonly { mb: number; speed: (second: number) => number }[]): Shown[] {
  const timeLeft = new TimeLeft();
  const seen: { at: number; shown: number | null }[] = [];
  let at = 100;
  for (const [i, { mb, speed }] of phases.entries()) {
    const following = phases.slice(i + 1).reduce((sum, phase) => sum + phase.mb, 0);
    const began = at;
    timeLeft.begin(at, mb * MB, following * MB);
    for (let done = 0; done < mb * MB;) {
      done = Math.min(mb * MB, done + speed(at - began) * TICK * MB);
      at += TICK;
      seen.push({ at, shown: timeLeft.update(at, done) });
    }
  }
  return seen.map((each) => ({ ...each, really: at - each.at }));
}

const first = (all: readonly Shown[]) => all.find(({ shown }) => shown !== null);

describe('speeds as they were recorded', () => {
  test.each<[string, (second: number) => number]>([
    ['steady', () => 20],
    ['threads that start slowly', (second) => (second < 3 ? 0.01 : 20)],
    ['a cache that fills at once, and then the medium', (second) => (second < 3 ? 400 : 20)],
    ['a stick that stalls every four seconds', (second) => (second % 4 < 1 ? 0 : 27)],
    ['a speed that wavers', (second) => 20 + 6 * Math.sin(second)],
  ])('%s: what is shown is worth it from the first number on', (_, speed) => {
    const all = job([{ mb: 4000, speed }]);
    const began = first(all);
    expect(began?.at).toBeGreaterThanOrEqual(105);
    for (const { shown, really } of all)
      if (shown !== null) expect(Math.abs(shown - really)).toBeLessThan(0.35 * really + 5);
    expect(all.at(-1)?.shown).toBe(0);
  });

  test('the reading back is part of it, and takes less when it is faster', () => {
    const all = job([
      { mb: 1000, speed: () => 20 },
      { mb: 1000, speed: () => 40 },
    ]);
    // As long as nothing is known of reading: as fast as writing.
    expect(first(all)?.shown).toBeCloseTo(2 * 50 - 5, -1);
    const late = all.filter(({ really }) => really < 8);
    for (const { shown, really } of late) expect(Math.abs((shown ?? 0) - really)).toBeLessThan(4);
  });
});

test('whatever the speed, the number moves by a tenth of itself a second besides the time, or by a second', () => {
  const speeds = fc.array(fc.nat(500), { minLength: 5, maxLength: 60 });
  fc.assert(
    fc.property(speeds, (each) => {
      const all = job([
        { mb: 3000, speed: (second) => each[Math.floor(second) % each.length] || 1 },
      ]);
      for (const [i, { shown }] of all.entries()) {
        const before = all[i - 1]?.shown ?? null;
        if (before === null || shown === null || i === all.length - 1) continue;
        const expected = Math.max(0, before - TICK);
        const step = Math.max(1, 0.1 * expected) * TICK + 1e-6;
        expect(Math.abs(shown - expected)).toBeLessThanOrEqual(step + TICK);
      }
    }),
    { seed: 20_261_130, numRuns: 200 },
  );
});

test('while nothing moves it does not go down; where nothing can be measured it does', () => {
  const timeLeft = new TimeLeft();
  timeLeft.begin(0, 1000, 0);
  for (let at = 0; at <= 10; at++) timeLeft.update(at, 10 * at);
  const shown = timeLeft.update(11, 110) ?? 0;
  expect(shown).toBeCloseTo(89, 0);
  let stalled: number | null = null;
  for (let at = 40; at < 60; at++) stalled = timeLeft.update(at, 110);
  expect(timeLeft.update(60, 110)).toBe(stalled);
  timeLeft.begin(60, null, 0);
  expect(timeLeft.update(70, 0)).toBeCloseTo((stalled ?? 0) - 10, 5);
});

test('where the pace of what follows is not known, no time is shown', () => {
  const timeLeft = new TimeLeft();
  timeLeft.begin(0, 1000, null);
  for (let at = 0; at < 30; at++) expect(timeLeft.update(at, 10 * at)).toBeNull();
});
