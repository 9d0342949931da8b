import { STEP_ITEMS, type Steps } from './event-loop.ts';

/** Numbers sorted without a pause: a millisecond or two. */
const NUMBERS_AT_ONCE = 16 * STEP_ITEMS;

/**
 * Sorts in place, keeping the order of equals. A merge sort whose runs `Array.prototype.sort` makes: that
 * alone takes a third of a second for 300,000 items.
 */
export function* sortInSteps<T>(items: T[], compare: (a: T, b: T) => number): Steps<void> {
  for (let from = 0; from < items.length; from += STEP_ITEMS) {
    const run = items.slice(from, from + STEP_ITEMS).sort(compare);
    for (const [i, item] of run.entries()) items[from + i] = item;
    yield;
  }
  for (let width = STEP_ITEMS; width < items.length; width *= 2) {
    const sorted: T[] = [];
    for (let from = 0; from < items.length; from += 2 * width)
      yield* merge(items, from, width, compare, sorted);
    for (let i = 0; i < items.length; i++) {
      items[i] = sorted[i] as T;
      if (i % NUMBERS_AT_ONCE === 0) yield;
    }
  }
}

/** Appends two neighbouring sorted runs to `sorted` as one. */
function* merge<T>(
  items: readonly T[],
  from: number,
  width: number,
  compare: (a: T, b: T) => number,
  sorted: T[],
): Steps<void> {
  const middle = Math.min(from + width, items.length);
  const end = Math.min(from + 2 * width, items.length);
  let [left, right] = [from, middle];
  while (left < middle || right < end) {
    const takesLeft =
      right === end || (left < middle && compare(items[left] as T, items[right] as T) <= 0);
    sorted.push(items[takesLeft ? left++ : right++] as T);
    if (sorted.length % STEP_ITEMS === 0) yield;
  }
}

/** Sorts numbers in place: as {@link sortInSteps}, with native sorting and a fixed second memory. */
export function* sortNumbersInSteps(keys: Float64Array): Steps<void> {
  let sorted = keys;
  let other: Float64Array = new Float64Array(keys.length);
  for (let from = 0; from < keys.length; from += NUMBERS_AT_ONCE) {
    keys.subarray(from, from + NUMBERS_AT_ONCE).sort();
    yield;
  }
  for (let width = NUMBERS_AT_ONCE; width < keys.length; width *= 2) {
    for (let from = 0; from < keys.length; from += 2 * width) {
      const middle = Math.min(from + width, keys.length);
      const end = Math.min(from + 2 * width, keys.length);
      let [left, right] = [from, middle];
      for (let at = from; at < end; at++) {
        const takesLeft =
          right === end || (left < middle && (sorted[left] ?? 0) <= (sorted[right] ?? 0));
        other[at] = sorted[takesLeft ? left++ : right++] ?? 0;
        if (at % NUMBERS_AT_ONCE === 0) yield;
      }
    }
    [sorted, other] = [other, sorted];
  }
  if (sorted !== keys) keys.set(sorted);
}
