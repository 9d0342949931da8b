import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShardedMap, ShardedSet } from './sharded.ts';

const KEYS = 100_000;

test('a map has what a Map has, in the order in which keys came first', () => {
  const key = fc.oneof(fc.constantFrom('', 'a', 'b', 'data/0', 'data/1'), fc.string());
  const change = fc.record({ key, value: fc.nat(), deletes: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const model = new Map<string, number>();
      const first: string[] = [];
      const map = new ShardedMap<string, number>();
      for (const { key, value, deletes } of changes) {
        if (deletes) {
          model.delete(key);
          map.delete(key);
        } else {
          if (!first.includes(key)) first.push(key);
          model.set(key, value);
          map.set(key, value);
        }
        expect(map.get(key)).toBe(model.get(key));
        expect(map.has(key)).toBe(model.has(key));
      }
      const entries = first.flatMap((name): [string, number][] => {
        const value = model.get(name);
        return value === undefined ? [] : [[name, value]];
      });
      expect(map.size).toBe(model.size);
      expect([...map]).toEqual(entries);
      expect([...map.entries()]).toEqual(entries);
      expect([...map.keys()]).toEqual(entries.map(([name]) => name));
      expect([...map.values()]).toEqual(entries.map(([, value]) => value));
    }),
  );
});

test('a set says what it has', () => {
  const set = new ShardedSet<string>();
  expect(['a', 'b', 'a', '', ''].map((key) => set.add(key))).toEqual([
    ...[true, true, false, true, false],
  ]);
});

const digest = (index: number): string => createHash('sha256').update(`${index}`).digest('hex');

test.each<[string, (index: number) => string | number]>([
  ['digests', digest],
  ['blobs of an output', (index) => `data/${digest(index)}.zst`],
  ['paths of files', (index) => `data/usr/lib/part${index % 97}/file-${index}`],
  ['numbers of inodes', (index) => index],
])('of %s no shard has many', (_, key) => {
  const map = new ShardedMap<string | number, number>();
  for (let index = 0; index < KEYS; index++) map.set(key(index), index);
  expect(map.size).toBe(KEYS);
  expect(map.largestShard).toBeLessThan(KEYS / 50);
});
