import { expect, test } from 'vitest';
import type { HistoryEntry } from '../../shared/ipc.ts';
import { sticksOfDay } from './sticks-today.ts';

const NOON = new Date(2026, 10, 20, 12);

function entry(startedAt: Date, ...results: readonly (readonly [string, string])[]): HistoryEntry {
  const outcomes = results.map(([kind, result]) => ({ kind, result }));
  return { startedAt: startedAt.getTime(), outcomes } as unknown as HistoryEntry;
}

test('counts the verified sticks since midnight, and neither files nor what failed', () => {
  const entries = [
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
  expect(sticksOfDay(entries, NOON)).toBe(3);
  expect(sticksOfDay([], NOON)).toBe(0);
});
