/** Seconds; more than any look at a vehicle takes. */
const LONGEST_STEP = 30;

/**
 * Seconds in which this computer was awake. While it sleeps, a vehicle cannot be heard; and on some systems the
 * monotonic clock goes on meanwhile. A vehicle must not be given up for that, so a longer time between two
 * readings counts as this one alone.
 */
export class AwakeClock {
  readonly #read: () => number;
  #last: number;
  #now = 0;

  /** @param read seconds of a clock that only grows. */
  constructor(read: () => number = () => performance.now() / 1000) {
    this.#read = read;
    this.#last = read();
  }

  /** To be read at least once in {@link LONGEST_STEP} seconds. */
  now(): number {
    const read = this.#read();
    this.#now += Math.min(read - this.#last, LONGEST_STEP);
    this.#last = read;
    return this.#now;
  }
}
