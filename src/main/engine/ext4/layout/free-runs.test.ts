import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FreeRuns, joined, without, type BlockRange } from './free-runs.ts';

const RUNS = { seed: 20_261_130, numRuns: 300 };

/** Runs below 2,000 blocks, some of which touch. */
const ranges = fc
  .array(fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 60 })), { maxLength: 25 })
  .map((pairs) => {
    let at = 0;
    return pairs.map(([gap, length]): BlockRange => {
      const first = at + gap;
      at = first + length;
      return { first, end: at };
    });
  });

const requests = fc.array(fc.record({ count: fc.nat(40), adjacent: fc.boolean() }), {
  maxLength: 30,
});

const blocksOf = (runs: readonly BlockRange[]): number[] =>
  runs.flatMap(({ first, end }) => Array.from({ length: end - first }, (_, i) => first + i));

test('what is given out is free, ascends, and is given out once; each request gets all of it', () => {
  fc.assert(
    fc.property(ranges, requests, (runs, asked) => {
      const free = new FreeRuns(runs);
      const cursor = free.cursor();
      const isFree = new Set(blocksOf(runs));
      const given: number[] = [];
      for (const { count, adjacent } of asked) {
        const first = adjacent ? cursor.takeAdjacent(count) : cursor.take(count);
        if (cursor.next === Infinity) break;
        const taken = free.from(first, count);
        const blocks = blocksOf(taken);
        expect(blocks.length).toBe(count);
        if (adjacent) expect(taken.length).toBeLessThanOrEqual(1);
        // As few runs as there can be: each ends where a free run does.
        for (const { end } of taken.slice(0, -1)) expect(runs.map((run) => run.end)).toContain(end);
        given.push(...blocks);
      }
      expect(given.every((block) => isFree.has(block))).toBe(true);
      expect(given).toEqual(given.toSorted((a, b) => a - b));
      expect(new Set(given).size).toBe(given.length);
      if (cursor.next !== Infinity) expect(blocksOf(cursor.taken)).toEqual(given);
    }),
    RUNS,
  );
});

test('all free blocks can be taken, and not one more', () => {
  fc.assert(
    fc.property(ranges, (runs) => {
      const all = blocksOf(runs);
      const cursor = new FreeRuns(runs).cursor();
      cursor.take(all.length);
      expect(cursor.next).toBe(runs.at(-1)?.end ?? 0);
      expect(blocksOf(cursor.taken)).toEqual(all);
      cursor.take(1);
      expect(cursor.next).toBe(Infinity);
    }),
    RUNS,
  );
});

test('adjacent blocks pass over runs that are too short, for good', () => {
  const free = new FreeRuns([
    { first: 2, end: 5 },
    { first: 7, end: 17 },
    { first: 20, end: Infinity },
  ]);
  const cursor = free.cursor();
  expect([cursor.takeAdjacent(4), cursor.take(3), cursor.takeAdjacent(4)]).toEqual([7, 11, 20]);
  expect(cursor.taken).toEqual([
    { first: 7, end: 14 },
    { first: 20, end: 24 },
  ]);
});

test('holes leave what is outside of them, and what they cut off joins them again', () => {
  fc.assert(
    fc.property(ranges, ranges, (runs, holes) => {
      const isHole = new Set(blocksOf(holes));
      const rest = without(runs, holes);
      const left = blocksOf(runs).filter((block) => !isHole.has(block));
      expect(blocksOf(rest)).toEqual(left);
      expect(rest.every(({ first, end }) => first < end)).toBe(true);
      const both = blocksOf(joined(rest, holes));
      expect(both).toEqual([...left, ...isHole].sort((a, b) => a - b));
    }),
    RUNS,
  );
});

test('what lies before the block that is skipped to stays free, and nothing behind it', () => {
  fc.assert(
    fc.property(ranges, fc.nat(60), fc.nat(2000), (runs, taken, block) => {
      const all = blocksOf(runs);
      fc.pre(taken <= all.length);
      const cursor = new FreeRuns(runs).cursor();
      cursor.take(taken);
      cursor.skipTo(block);
      const rest = all.slice(taken).filter((free) => free >= block);
      cursor.take(rest.length);
      expect(blocksOf(cursor.taken)).toEqual([...all.slice(0, taken), ...rest]);
      cursor.take(1);
      expect(cursor.next).toBe(Infinity);
    }),
    RUNS,
  );
});
