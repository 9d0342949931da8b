import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readAhead } from './read-ahead.ts';

/** What Node would have ended the process for. */
const unheard: unknown[] = [];
const hear = (reason: unknown): void => void unheard.push(reason);

beforeEach(() => {
  unheard.length = 0;
  process.prependListener('unhandledRejection', hear);
});
afterEach(() => {
  process.off('unhandledRejection', hear);
});

/** Loads that end after that many milliseconds; a negative one fails. */
async function read(loads: readonly number[], ahead: number): Promise<(number | string)[]> {
  const seen: (number | string)[] = [];
  const load = async (milliseconds: number): Promise<number> => {
    await setTimeout(Math.abs(milliseconds));
    if (milliseconds < 0) throw new Error(`${milliseconds}`);
    return milliseconds;
  };
  try {
    for await (const each of readAhead(loads, load, ahead)) {
      seen.push(each);
      // A consumer that is busy while others fail.
      await setTimeout(20);
    }
  } catch (error) {
    seen.push((error as Error).message);
  }
  return seen;
}

test('what is loaded comes in its order, whatever ends first', async () => {
  expect(await read([30, 1, 20, 2], 3)).toEqual([30, 1, 20, 2]);
  expect(await read([], 3)).toEqual([]);
});

test('a load that fails early rejects when its turn comes, and not before', async () => {
  expect(await read([40, 1, -2, 3], 3)).toEqual([40, 1, '-2']);
  expect(await read([40, -1, -2], 3)).toEqual([40, '-1']);
  await setTimeout(10);
  expect(unheard).toEqual([]);
});

test('no more are under way than asked for, and none when it ends early', async () => {
  let underWay = 0;
  let most = 0;
  const load = async (item: number): Promise<number> => {
    most = Math.max(most, ++underWay);
    await setTimeout(5);
    underWay--;
    return item;
  };
  for await (const item of readAhead([1, 2, 3, 4, 5, 6], load, 3)) if (item === 2) break;
  expect(most).toBe(3);
  expect(underWay).toBe(0);
});

test('an abort ends it', async () => {
  const controller = new AbortController();
  const reading = readAhead([1, 2, 3, 4], (item) => Promise.resolve(item), 1, controller.signal);
  expect((await reading.next()).value).toBe(1);
  controller.abort();
  await expect(reading.next()).rejects.toMatchObject({ name: 'AbortError' });
});
