import { expect, test } from 'vitest';
import type { HistoryEntry } from '../../shared/history.ts';
import { translator } from '../../shared/messages/index.ts';
import { searchHistory } from './search-history.ts';

const words = translator('ja');

function entry(id: string, changes: Partial<HistoryEntry>): HistoryEntry {
  return {
    ...{ id, kind: 'build', job: 'j1', operator: 'kim', host: 'depot-3' },
    startedAt: new Date('2026-11-20T10:24:05').getTime(),
    ...{ milliseconds: 1, images: [], outcomes: [], result: 'verified', error: null },
    ...changes,
  };
}

const image = { ecuId: 'autoware', version: 'ver_7', digest: 'ab12', signer: 'CN=Kim' };
const stick = { kind: 'drive' as const, name: 'SanDisk Ultra', serial: '9F02', port: '2-1.4' };
const end = { error: null, faults: 0 };
const ENTRIES = [
  entry('a', { images: [image] }),
  entry('b', { kind: 'check', job: 'j2', result: 'incomplete', operator: null }),
  entry('c', { outcomes: [{ ...stick, ...end, result: 'failed' }], result: 'failed', job: null }),
  entry('d', { result: 'cancelled', host: null }),
];

const found = (
  search: string,
  filter: 'all' | 'build' | 'check' | 'problem' = 'all',
  job: string | null = null,
) =>
  searchHistory(ENTRIES, { search, filter, job }, words)
    .map(({ id }) => id)
    .join('');

test.each([
  ['', 'abcd'],
  ['AUTOWARE', 'a'],
  // Full-width, as an input method leaves it; words in any order.
  ['ｖｅｒ＿７　autoware', 'a'],
  ['ab12', 'a'],
  ['9f02', 'c'],
  ['2-1.4', 'c'],
  ['kim', 'acd'],
  ['depot', 'abc'],
  ['2026-11-20', 'abcd'],
  ['使用不可', 'b'],
  ['検査', 'b'],
  ['nothing', ''],
])('searching for “%s” finds “%s”', (search, ids) => {
  expect(found(search)).toBe(ids);
});

test('filters leave builds, checks, problems, or what one job left', () => {
  expect(found('', 'build')).toBe('acd');
  expect(found('', 'check')).toBe('b');
  expect(found('', 'problem')).toBe('bc');
  expect(found('', 'all', 'j2')).toBe('b');
  expect(found('kim', 'problem')).toBe('c');
});
