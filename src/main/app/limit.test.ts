import { expect, test } from 'vitest';
import { atMost } from './limit.ts';

test('what happens more often than the limit within the time does not pass, and later passes again', () => {
  let time = 0;
  const pass = atMost(2, 1000, () => time);
  expect([pass(), pass(), pass()]).toEqual([true, true, false]);
  time = 1000;
  expect([pass(), pass(), pass()]).toEqual([true, true, false]);
});
