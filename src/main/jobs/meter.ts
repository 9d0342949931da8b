import type { Phase, Progress } from '../../shared/model/progress.ts';

/** Time over which the speed is smoothed, seconds. */
const SMOOTHING_SECONDS = 4;

/** No number is shown before this many seconds: the first ones say nothing. */
const SETTLE_SECONDS = 1;

/** Time between two events, milliseconds; enough for an eye. */
const INTERVAL_MS = 150;

/** Counts what a phase has done and tells it a few times a second, with speed and time left. */
export class Meter {
  readonly #phase: Phase;
  readonly #bytesTotal: number | null;
  readonly #filesTotal: number | null;
  readonly #tell: (progress: Progress) => void;
  readonly #now: () => number;
  readonly #began: number;
  #bytes = 0;
  #files = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #sample: { at: number; bytes: number };
  #speed: number | null = null;
  #secondsLeft: number | null = null;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(
    phase: Phase,
    totals: { bytes: number | null; files: number | null },
    tell: (progress: Progress) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#phase = phase;
    this.#bytesTotal = totals.bytes;
    this.#filesTotal = totals.files;
    this.#tell = tell;
    this.#now = now;
    this.#began = now();
    this.#sample = { at: this.#began, bytes: 0 };
    this.#send();
  }

  /** What is done so far; never goes back. */
  update(bytes: number, files: number): void {
    this.#bytes = Math.max(this.#bytes, bytes);
    this.#files = Math.max(this.#files, files);
    const now = this.#now();
    if (now - this.#toldAt < INTERVAL_MS) return;
    this.#measure(now);
    this.#send();
  }

  /** Tells the end of the phase, whatever was told last. */
  finish(): void {
    if (this.#bytesTotal !== null) this.#bytes = this.#bytesTotal;
    if (this.#filesTotal !== null) this.#files = this.#filesTotal;
    this.#secondsLeft = 0;
    this.#send();
  }

  #measure(now: number): void {
    const seconds = (now - this.#sample.at) / 1000;
    if (seconds <= 0) return;
    const speed = (this.#bytes - this.#sample.bytes) / seconds;
    const weight = 1 - Math.exp(-seconds / SMOOTHING_SECONDS);
    this.#speed = this.#speed === null ? speed : this.#speed + weight * (speed - this.#speed);
    this.#sample = { at: now, bytes: this.#bytes };
    if (this.#bytesTotal === null || now - this.#began < SETTLE_SECONDS * 1000) return;
    if (this.#speed <= 0) return;
    const left = (this.#bytesTotal - this.#bytes) / this.#speed;
    // A person can plan with a number only if it does not jump: never by more than half.
    const before = this.#secondsLeft;
    this.#secondsLeft =
      before === null ? left : Math.min(before * 1.5, Math.max(before * 0.5, left));
  }

  #send(): void {
    this.#toldAt = this.#now();
    this.#tell({
      phase: this.#phase,
      bytesDone: this.#bytes,
      bytesTotal: this.#bytesTotal,
      filesDone: this.#files,
      filesTotal: this.#filesTotal,
      bytesPerSecond: this.#speed,
      secondsLeft: this.#secondsLeft,
    });
  }
}
