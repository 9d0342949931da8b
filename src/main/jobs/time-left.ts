/** Seconds over which the speed must have been steady before a time is shown at all. */
const STEADY_SECONDS = 5;

/** Speeds of both halves of that time may differ by this factor. */
const STEADY_FACTOR = 1.5;

/** A medium that never becomes steady (it stalls again and again) is judged by its mean after this long. */
const PATIENCE_SECONDS = 20;

/** Seconds whose mean is the speed, once a time is shown. */
const MEAN_SECONDS = 20;

/** What is shown follows the estimate by at most this part of itself a second, or by one second. */
const FOLLOW = 0.1;

interface Sample {
  /** Seconds of a clock that never goes back. */
  readonly at: number;
  readonly bytes: number;
}

/**
 * The time that a job still takes, for people: shown when it is worth something, and then a number that goes
 * down as time passes and does not leap. It goes on from phase to phase. Pure: time comes from outside.
 */
export class TimeLeft {
  #total: number | null = null;
  #following = 0;
  #samples: Sample[] = [];
  #began = 0;
  #shown: { readonly at: number; readonly seconds: number } | null = null;

  /**
   * A phase begins.
   * @param at seconds. @param total bytes of the phase; null: it cannot be measured, and is short.
   * @param following bytes that later phases move, which are taken to be as fast; null: their pace cannot be
   * estimated by that of this one, so that no time is.
   */
  begin(at: number, total: number | null, following: number | null): void {
    this.#total = following === null ? null : total;
    this.#following = following ?? 0;
    this.#samples = [];
    this.#began = at;
  }

  /** @param bytes of the phase that are done. @returns seconds to show, null while nothing is worth it. */
  update(at: number, bytes: number): number | null {
    this.#samples.push({ at, bytes });
    const kept = this.#shown === null ? STEADY_SECONDS : MEAN_SECONDS;
    while ((this.#samples[1]?.at ?? Infinity) <= at - kept) this.#samples.shift();
    this.#show(at, this.#estimate(at, bytes));
    if (this.#shown !== null && bytes === this.#total && this.#following === 0)
      this.#shown = { at, seconds: 0 };
    return this.#shown?.seconds ?? null;
  }

  /** null: none yet. Infinity: it stalls. */
  #estimate(at: number, bytes: number): number | null {
    if (this.#total === null) return null;
    const halves = [STEADY_SECONDS, STEADY_SECONDS / 2].map((ago) => this.#bytesAt(at - ago));
    const [older, newer] = halves as [number | null, number | null];
    if (older === null || newer === null) return null;
    const [first, second] = [newer - older, bytes - newer];
    const steady = first <= STEADY_FACTOR * second && second <= STEADY_FACTOR * first;
    if (this.#shown === null && !steady && at - this.#began < PATIENCE_SECONDS) return null;
    const [oldest] = this.#samples;
    if (oldest === undefined || bytes === oldest.bytes) return Infinity;
    const speed = (bytes - oldest.bytes) / (at - oldest.at);
    return (this.#total - bytes + this.#following) / speed;
  }

  /** Between two samples in proportion; null before the first. */
  #bytesAt(at: number): number | null {
    const next = this.#samples.findIndex((sample) => sample.at >= at);
    const [before, after] = [this.#samples[next - 1], this.#samples[next]];
    if (after?.at === at) return after.bytes;
    if (before === undefined || after === undefined) return null;
    const part = (at - before.at) / (after.at - before.at);
    return before.bytes + part * (after.bytes - before.bytes);
  }

  #show(at: number, estimate: number | null): void {
    if (this.#shown === null) {
      if (estimate !== null && Number.isFinite(estimate)) this.#shown = { at, seconds: estimate };
      return;
    }
    const elapsed = at - this.#shown.at;
    // While nothing moves, the end does not come nearer.
    if (estimate === Infinity) this.#shown = { at, seconds: this.#shown.seconds };
    else {
      const expected = Math.max(0, this.#shown.seconds - elapsed);
      const step = Math.max(1, FOLLOW * expected) * elapsed;
      const wanted = estimate ?? expected;
      const seconds = Math.min(expected + step, Math.max(expected - step, wanted));
      this.#shown = { at, seconds: Math.max(0, seconds) };
    }
  }
}
