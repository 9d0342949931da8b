import { expect, test } from 'vitest';
import type { HistoryEntry } from '../../shared/ipc.ts';
import { sticksOfDay } from './sticks-today.ts';

const NOON = new Date(2026, 10, 20, 12);

function entry(startedAt: Date, ...results: readonly (readonly [string, string])[]): HistoryEntry {
  const outcomes = results.map(([kind, result]) => ({ kind, result, name: result }));
  const images = [{ ecuId: 'autoware' }];
  return {
    ...{ kind: 'build', startedAt: startedAt.getTime(), images, outcomes },
  } as unknown as HistoryEntry;
}

test('the sticks of a day are those verified since midnight, and neither files nor what failed', () => {
  const entries = [
    entry(new Date(2026, 10, 21, 0), ['drive', 'verified']),
    entry(
      new Date(2026, 10, 20, 11),
      ['drive', 'verified'],
      ['drive', 'verified'],
      ['tar', 'saved'],
    ),
    entry(new Date(2026, 10, 20, 10), ['drive', 'failed'], ['drive', 'cancelled']),
    entry(new Date(2026, 10, 20, 0), ['drive', 'verified']),
    entry(new Date(2026, 10, 19, 23, 59), ['drive', 'verified']),
  ];
  const found = sticksOfDay(entries, NOON);
  expect(found.map(({ startedAt }) => new Date(startedAt).getHours())).toEqual([11, 11, 0]);
  expect(found[0]).toMatchObject({ images: [{ ecuId: 'autoware' }], stick: { name: 'verified' } });
  expect(sticksOfDay([], NOON)).toEqual([]);
});
