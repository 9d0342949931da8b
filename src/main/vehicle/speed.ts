import type { EcuStatus, Speed } from '../../shared/model/vehicle.ts';

const UNKNOWN: Speed = { bytesPerSecond: null, secondsLeft: null };
/** Seconds over which the speed is taken. */
const SPAN = 10;

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** Finds the speed of each ECU's download from one look to the next. */
export class Speeds {
  readonly #samples = new Map<string, Sample[]>();

  /** @param at seconds of a clock that only grows. */
  of({ ecuId, progress }: EcuStatus, at: number): Speed {
    if (progress?.phase !== 'downloading') {
      this.#samples.delete(ecuId);
      return UNKNOWN;
    }
    const { downloadedBytes: bytes, downloadBytes } = progress;
    const known = this.#samples.get(ecuId) ?? [];
    const recent = known.filter((sample) => at - sample.at <= SPAN && sample.bytes <= bytes);
    this.#samples.set(ecuId, [...recent, { at, bytes }]);
    const [first] = recent;
    if (first === undefined || first.at === at) return UNKNOWN;
    const bytesPerSecond = (bytes - first.bytes) / (at - first.at);
    if (bytesPerSecond <= 0) return { bytesPerSecond, secondsLeft: null };
    return { bytesPerSecond, secondsLeft: Math.max(0, downloadBytes - bytes) / bytesPerSecond };
  }
}
