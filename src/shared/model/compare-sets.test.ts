import { expect, test } from 'vitest';
import { compareSets, compareVersions } from './compare-sets.ts';

test.each([
  ['ver_1', 'ver_1', 0],
  ['ver_9', 'ver_10', -1],
  ['1.10.0', '1.9.9', 1],
  ['20261103120000000000001', '20261103120000000000002', -1],
  ['ver_1', 'rel_2', null],
  ['1.4', '1.4.1', null],
  ['', 'ver_1', null],
  ['ver_01', 'ver_1', null],
])('version “%s” against “%s” is %s', (one, other, order) => {
  expect(compareVersions(one, other)).toBe(order);
});

const set = (versions: Record<string, string>) =>
  Object.entries(versions).map(([ecu_id, image_version]) => ({ ecu_id, image_version }));

test.each([
  [{ main: '1', sub: '1' }, 'same'],
  [{ main: '0', sub: '1' }, 'older'],
  [{ main: '1', sub: '2' }, 'newer'],
  // One is older, the other is newer.
  [{ main: '0', sub: '2' }, 'other'],
  [{ main: '0' }, 'other'],
  [{ main: '1', third: '1' }, 'other'],
  [{ main: '1', sub: 'b' }, 'other'],
])('a stick with %j is %s than/as main 1, sub 1', (versions, relation) => {
  expect(compareSets(set(versions), set({ sub: '1', main: '1' }))).toBe(relation);
});
