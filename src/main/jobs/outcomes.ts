import type { OutputRequest } from '../../shared/model/job.ts';
import {
  isOpen,
  slowestLane,
  waitingOutcome,
  withError,
  type Outcome,
  type RefreshResult,
} from '../../shared/model/outcome.ts';
import { PHASES, type Phase, type Progress } from '../../shared/model/progress.ts';
import type { JobContext } from './context.ts';
import { ProgressReporter } from './progress-reporter.ts';
import { TimeLeft } from './time-left.ts';

type Listeners = Pick<JobContext, 'onProgress' | 'onLaneProgress' | 'onOutcomes'>;

/** A drive may hold something else than before from this phase on. */
const FIRST_MODIFYING = PHASES.indexOf('prepare');

interface Totals {
  readonly bytes: number;
  readonly files: number;
  /** Bytes of later phases, as in {@link ProgressReporter}. */
  readonly following?: number | undefined;
}

/**
 * What becomes of each output of a job, reported as it changes. The progress of the job as a whole is that of
 * its slowest output.
 */
export class Outcomes {
  readonly #listeners: Listeners;
  readonly #outcomes: Outcome[];
  readonly #progress: (Progress | null)[];

  constructor(requests: readonly OutputRequest[], listeners: Listeners) {
    this.#listeners = listeners;
    this.#outcomes = requests.map(waitingOutcome);
    this.#progress = requests.map(() => null);
  }

  get list(): readonly Outcome[] {
    return [...this.#outcomes];
  }

  /** The reporter of one output, by its position in the request. */
  reporter(index: number): LaneReporter {
    const outcome = (): Outcome => this.#outcomes[index] as Outcome;
    return new LaneReporter(
      outcome,
      (changes) => {
        this.#outcomes[index] = { ...outcome(), ...changes };
        this.#listeners.onOutcomes?.(this.list);
      },
      (progress) => {
        this.#progress[index] = progress;
        this.#listeners.onLaneProgress?.(index, progress);
        if (slowestLane(this.#outcomes, this.#progress) === index)
          this.#listeners.onProgress(progress);
      },
    );
  }
}

/** Reports what becomes of one output. */
export class LaneReporter {
  readonly #outcome: () => Outcome;
  readonly #change: (changes: Partial<Outcome>) => void;
  readonly #onProgress: (progress: Progress) => void;
  readonly #timeLeft = new TimeLeft();

  constructor(
    outcome: () => Outcome,
    change: (changes: Partial<Outcome>) => void,
    onProgress: (progress: Progress) => void,
  ) {
    this.#outcome = outcome;
    this.#change = change;
    this.#onProgress = onProgress;
  }

  /** false once the output is complete or given up. */
  get isOpen(): boolean {
    return isOpen(this.#outcome());
  }

  /** The output enters a phase. @param totals null: it cannot be measured, and is short. */
  begin(phase: Phase, totals: Totals | null = null): ProgressReporter {
    this.enter(phase);
    const { bytes = null, files = null, following = 0 } = totals ?? {};
    const timing = { timeLeft: this.#timeLeft, following };
    return new ProgressReporter(
      phase,
      { bytes, files },
      (progress) => this.#tell(progress),
      timing,
    );
  }

  /** Runs a phase that cannot be measured. */
  async phase(phase: Phase, work: () => Promise<unknown>): Promise<void> {
    const meter = this.begin(phase);
    await work();
    meter.finish();
  }

  /** The output enters a phase whose progress is measured elsewhere. */
  enter(phase: Phase): void {
    const { request, driveModified } = this.#outcome();
    const modifies = request.kind === 'drive' && PHASES.indexOf(phase) >= FIRST_MODIFYING;
    this.#change({ state: 'running', phase, driveModified: driveModified || modifies });
  }

  /** Where {@link ProgressReporter} and {@link TimeLeft} of a phase that is measured elsewhere report to. */
  get progress(): { onProgress: (progress: Progress) => void; timeLeft: TimeLeft } {
    return { onProgress: (progress) => this.#tell(progress), timeLeft: this.#timeLeft };
  }

  /** What a refresh of this drive came to. */
  refreshed(refresh: RefreshResult): void {
    this.#change({ refresh });
  }

  done(result: Pick<Outcome, 'bytes' | 'verified' | 'ejected'>): void {
    this.#change({ state: 'done', ...result });
  }

  /** The first error counts: what comes after it follows from it. */
  fail(error: unknown): void {
    if (this.isOpen) this.#change(withError(this.#outcome(), error));
  }

  #tell(progress: Progress): void {
    if (this.isOpen) this.#onProgress(progress);
  }
}
