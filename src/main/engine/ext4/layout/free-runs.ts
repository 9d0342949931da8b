import type { BlockRange } from '../../content/block-range.ts';

export type { BlockRange } from '../../content/block-range.ts';

/** Every block that there is. */
export const ALL_BLOCKS: readonly BlockRange[] = [{ first: 0, end: Infinity }];

/** What of `runs` is not in `holes`. Both ascend without overlaps, and so does the result. */
export function without(runs: readonly BlockRange[], holes: readonly BlockRange[]): BlockRange[] {
  const rest: BlockRange[] = [];
  let index = 0;
  for (const run of runs) {
    let { first } = run;
    // A hole may reach into the next run: it is looked at again there.
    for (; index < holes.length; index++) {
      const hole = holes[index];
      if (hole === undefined || hole.first >= run.end) break;
      if (hole.first > first) rest.push({ first, end: hole.first });
      first = Math.max(first, hole.end);
      if (hole.end > run.end) break;
    }
    if (first < run.end) rest.push({ first, end: run.end });
  }
  return rest;
}

/** Both ascending lists as one. No range of one overlaps one of the other. */
export function joined(one: readonly BlockRange[], other: readonly BlockRange[]): BlockRange[] {
  return [...one, ...other].sort((a, b) => a.first - b.first);
}

/** Runs of free blocks, ascending and without overlaps: answers which blocks a cursor gave out. */
export class FreeRuns {
  readonly #runs: readonly BlockRange[];

  constructor(runs: readonly BlockRange[]) {
    this.#runs = runs;
  }

  /** A cursor that gives them out from the first one on. */
  cursor(): BlockCursor {
    return new BlockCursor(this.#runs);
  }

  /** The `count` blocks that {@link BlockCursor.take} gave out when it returned `first`, as adjacent runs. */
  from(first: number, count: number): BlockRange[] {
    const taken: BlockRange[] = [];
    let left = count;
    for (let index = indexOf(this.#runs, first); left > 0; index++) {
      const run = this.#runs[index];
      if (run === undefined) throw new RangeError(`no ${count} free blocks from ${first} on`);
      const from = Math.max(first, run.first);
      const end = Math.min(from + left, run.end);
      taken.push({ first: from, end });
      left -= end - from;
    }
    return taken;
  }
}

/** Position of the first of ascending runs that ends behind `block`; there may be tens of thousands. */
export function indexOf(runs: readonly BlockRange[], block: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle]?.end ?? Infinity) > block) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Gives out free blocks in ascending order, each once. */
export class BlockCursor {
  readonly #free: readonly BlockRange[];
  readonly #taken: { first: number; end: number }[] = [];
  #index = 0;
  #next: number;
  #isShort = false;

  /** @param free ascending, without overlaps; none is empty. */
  constructor(free: readonly BlockRange[]) {
    this.#free = free;
    this.#next = free[0]?.first ?? 0;
  }

  /** The next free block; where none is left, the end of the last one. Infinity: more was asked for than there is. */
  get next(): number {
    return this.#isShort ? Infinity : this.#next;
  }

  /** What was given out, as adjacent runs, ascending. */
  get taken(): readonly BlockRange[] {
    return this.#taken;
  }

  /** Leaves free what lies before `block`. */
  skipTo(block: number): void {
    for (let end = this.#endOfRun; end !== undefined && end <= block; end = this.#endOfRun)
      this.#enter(this.#index + 1);
    if (this.#endOfRun !== undefined) this.#next = Math.max(this.#next, block);
  }

  /** Leaves runs free until the next `count` blocks lie in at most `most` of them. */
  skipFragments(count: number, most: number): void {
    while (this.#index < this.#free.length) {
      let left = count;
      for (let index = this.#index; left > 0 && index < this.#index + most; index++) {
        const run = this.#free[index];
        // No more blocks: taking them says so.
        if (run === undefined) return;
        left -= run.end - Math.max(run.first, this.#next);
      }
      if (left <= 0) return;
      this.#enter(this.#index + 1);
    }
  }

  /** `count` adjacent blocks; returns the first. Shorter runs on the way are passed over. */
  takeAdjacent(count: number): number {
    for (;;) {
      const run = this.#free[this.#index];
      if (run === undefined || this.#next + count <= run.end) break;
      this.#enter(this.#index + 1);
    }
    return this.take(count);
  }

  /** `count` blocks in as few runs as come next; returns the first. See {@link FreeRuns.from}. */
  take(count: number): number {
    const first = this.next;
    for (let left = count; left > 0;) {
      const run = this.#free[this.#index];
      if (run === undefined) {
        this.#isShort = true;
        break;
      }
      const step = Math.min(left, run.end - this.#next);
      this.#note(step);
      this.#next += step;
      left -= step;
      if (this.#next === run.end) this.#enter(this.#index + 1);
    }
    return first;
  }

  /** undefined: no free block is left. */
  get #endOfRun(): number | undefined {
    return this.#free[this.#index]?.end;
  }

  #enter(index: number): void {
    this.#index = index;
    this.#next = this.#free[index]?.first ?? this.#free.at(-1)?.end ?? 0;
  }

  #note(count: number): void {
    const last = this.#taken.at(-1);
    if (last?.end === this.#next) last.end += count;
    else this.#taken.push({ first: this.#next, end: this.#next + count });
  }
}
