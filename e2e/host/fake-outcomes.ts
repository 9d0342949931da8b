import { builderError } from '../../src/shared/errors.ts';
import type { OutputRequest } from '../../src/shared/model/job.ts';
import { isOpen, waitingOutcome, withError, type Outcome } from '../../src/shared/model/outcome.ts';
import { PHASES, type Phase } from '../../src/shared/model/progress.ts';
import type { JobEvent } from '../../src/main/ipc/backend.ts';

/** What becomes of the outputs of a fake build, reported as the engine does. */
export class FakeOutcomes {
  #list: readonly Outcome[];
  readonly #onEvent: (event: JobEvent) => void;

  constructor(requests: readonly OutputRequest[], onEvent: (event: JobEvent) => void) {
    this.#list = requests.map(waitingOutcome);
    this.#onEvent = onEvent;
  }

  get list(): readonly Outcome[] {
    return this.#list;
  }

  /** Passes an event of the job on, after what it means for the outputs. */
  take(event: JobEvent): void {
    if (event.kind === 'progress') {
      const { progress } = event;
      if (PHASES.indexOf(progress.phase) >= PHASES.indexOf('prepare')) {
        this.#enter(progress.phase);
        for (const [output, { request, state }] of this.#list.entries())
          if (this.#drives > 1 && request.kind === 'drive' && state === 'running')
            this.#onEvent({ kind: 'lane', output, progress });
      }
    }
    this.#onEvent(event);
  }

  /** The drive at that path is pulled out. */
  pull(path: string): void {
    this.#change((outcome) => {
      const { request } = outcome;
      if (request.kind !== 'drive' || request.identity.path !== path) return outcome;
      const drive = request.identity.model ?? path;
      return end(outcome, builderError('drive-unplugged', { drive }));
    });
  }

  stop(output: number): void {
    this.#change((outcome, i) =>
      i === output ? end(outcome, builderError('cancelled', {})) : outcome,
    );
  }

  /** Those that are still open are complete now. @throws where no drive is left. */
  finish(bytes: number, canEject: boolean): readonly Outcome[] {
    this.#change((outcome) => {
      if (!isOpen(outcome)) return outcome;
      const drive = outcome.request.kind === 'drive' ? outcome.request : null;
      const ejected = drive?.eject === true && canEject;
      return { ...outcome, state: 'done', bytes, verified: drive !== null, ejected };
    });
    return this.#list;
  }

  get #drives(): number {
    return this.#list.filter(({ request }) => request.kind === 'drive').length;
  }

  /** Files are complete before a drive is read back. */
  #enter(phase: Phase): void {
    const afterFlush = PHASES.indexOf(phase) > PHASES.indexOf('flush');
    if (this.#list.every((outcome) => !isOpen(outcome) || outcome.phase === phase)) return;
    this.#change((outcome) => {
      if (!isOpen(outcome)) return outcome;
      const isDrive = outcome.request.kind === 'drive';
      if (!isDrive && afterFlush) return { ...outcome, state: 'done' };
      return { ...outcome, state: 'running', phase, driveModified: isDrive };
    });
  }

  #change(change: (outcome: Outcome, index: number) => Outcome): void {
    this.#list = this.#list.map(change);
    this.#onEvent({ kind: 'outcomes', outcomes: this.#list });
  }
}

function end(outcome: Outcome, error: unknown): Outcome {
  return isOpen(outcome) ? withError(outcome, error) : outcome;
}
