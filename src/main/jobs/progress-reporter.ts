import type { Phase, Progress } from '../../shared/model/progress.ts';
import { TimeLeft } from './time-left.ts';

/** Time over which the speed is smoothed, seconds. */
const SMOOTHING_SECONDS = 4;

/** Time between two events, milliseconds; enough for an eye. */
const INTERVAL_MS = 150;

/** Counts what a phase has done and tells it a few times a second, with speed and time left. */
export class ProgressReporter {
  readonly #phase: Phase;
  readonly #bytesTotal: number | null;
  readonly #filesTotal: number | null;
  readonly #tell: (progress: Progress) => void;
  readonly #now: () => number;
  readonly #timeLeft: TimeLeft;
  #bytes = 0;
  #files = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #sample: { at: number; bytes: number };
  #speed: number | null = null;
  #secondsLeft: number | null = null;

  /**
   * @param following as in {@link TimeLeft.begin}. @param timeLeft of the job, where it has several phases.
   * @param now milliseconds of a clock that never goes back.
   */
  constructor(
    phase: Phase,
    totals: { bytes: number | null; files: number | null },
    tell: (progress: Progress) => void,
    {
      following = 0,
      timeLeft = new TimeLeft(),
      now = () => performance.now(),
    }: {
      readonly following?: number | null;
      readonly timeLeft?: TimeLeft | undefined;
      readonly now?: () => number;
    } = {},
  ) {
    this.#phase = phase;
    this.#bytesTotal = totals.bytes;
    this.#filesTotal = totals.files;
    this.#tell = tell;
    this.#now = now;
    this.#timeLeft = timeLeft;
    const began = now();
    this.#sample = { at: began, bytes: 0 };
    timeLeft.begin(began / 1000, totals.bytes, following);
    this.#secondsLeft = timeLeft.update(began / 1000, 0);
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

  /** Reports the end of the phase, whatever was reported last. */
  finish(): void {
    if (this.#bytesTotal !== null) this.#bytes = this.#bytesTotal;
    if (this.#filesTotal !== null) this.#files = this.#filesTotal;
    this.#secondsLeft = this.#timeLeft.update(this.#now() / 1000, this.#bytes);
    this.#send();
  }

  #measure(now: number): void {
    const seconds = (now - this.#sample.at) / 1000;
    if (seconds <= 0) return;
    const speed = (this.#bytes - this.#sample.bytes) / seconds;
    const weight = 1 - Math.exp(-seconds / SMOOTHING_SECONDS);
    this.#speed = this.#speed === null ? speed : this.#speed + weight * (speed - this.#speed);
    this.#sample = { at: now, bytes: this.#bytes };
    this.#secondsLeft = this.#timeLeft.update(now / 1000, this.#bytes);
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
