import { randomUUID } from 'node:crypto';
import { builderError, toErrorData, type ErrorData } from '../../shared/errors.ts';
import type { HistoryEntry, HistoryImage, HistoryOutcome } from '../../shared/history.ts';
import type { Jobs, JobSnapshot } from '../../shared/ipc.ts';
import { waitingCheck } from '../../shared/model/check.ts';
import type { BuildResult } from '../../shared/model/job.ts';
import {
  endOutcomes,
  overallResult,
  resultOf,
  waitingOutcome,
  type Outcome,
} from '../../shared/model/outcome.ts';
import { UNSTOPPABLE_PHASES } from '../../shared/model/progress.ts';
import { wallClock } from '../../shared/wall-clock.ts';
import type { CheckRequest } from '../jobs/index.ts';
import type { Backend, BuildOrder, JobEvent } from './backend.ts';
import {
  CheckRecorder,
  endChecks,
  historyImages,
  type JobRecord,
  type PlaceName,
} from './check-records.ts';

/** Says that a drive does not answer: true only until it does. */
const STALLED = 'drive-stalled';

interface Watcher {
  /** null: it was dismissed. */
  onChange(kind: keyof Jobs, job: JobSnapshot | null): void;
  /** Once per job, when it is over. */
  onEnd(job: JobSnapshot): void;
  onHistory(entry: JobRecord): void;
}

/** The one job that the app runs at a time, and the ends of earlier ones until the person dismisses them. */
export class JobRunner {
  readonly #backend: Backend;
  readonly #watcher: Watcher;
  #jobs: Jobs = { build: null, check: null };
  #running: keyof Jobs | null = null;
  #controller: AbortController | null = null;
  #ended: Promise<void> = Promise.resolve();
  #removed: Promise<unknown> = Promise.resolve();

  constructor(backend: Backend, watcher: Watcher) {
    this.#backend = backend;
    this.#watcher = watcher;
  }

  get jobs(): Jobs {
    return this.#jobs;
  }

  get running(): JobSnapshot | null {
    return this.#running === null ? null : this.#jobs[this.#running];
  }

  /** A job that runs or has ended; null once it was dismissed. */
  find(id: string): JobSnapshot | null {
    return [this.#jobs.build, this.#jobs.check].find((job) => job?.id === id) ?? null;
  }

  /** Resolves when no job runs. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Resolves when nothing half-made is left of any job. */
  get removed(): Promise<unknown> {
    return this.#removed;
  }

  /** @param places names of the outputs. @param labels what is to go on them. */
  build(order: BuildOrder, places: readonly PlaceName[], labels: readonly HistoryImage[]): string {
    const outcomes = order.outputs.map(waitingOutcome);
    const names = places.map(({ name }) => name);
    const ports = places.map(({ port }) => port);
    const parts = { outcomes, checks: [], names, ports, subject: subjectOf(order, names) };
    return this.#run('build', parts, async (onEvent, signal, job) => {
      const startedAt = wallClock().getTime();
      const began = performance.now();
      const remember = (
        outcomes: readonly Outcome[],
        images: readonly HistoryImage[],
        error: HistoryEntry['error'],
      ): void =>
        this.#watcher.onHistory({
          ...{ id: randomUUID(), kind: 'build', job },
          startedAt,
          milliseconds: Math.round(performance.now() - began),
          images: [...images],
          outcomes: outcomes.map((outcome, i) => historyOutcome(outcome, places[i])),
          result: overallResult(outcomes),
          error,
        });
      try {
        const build = await this.#backend.build(order, onEvent, signal);
        remember(build.outcomes, imagesOf(build), null);
        return { build, outcomes: build.outcomes };
      } catch (error) {
        const ended = endOutcomes(this.#jobs.build?.outcomes ?? outcomes, error);
        remember(ended, labels, toErrorData(error));
        throw error;
      }
    });
  }

  /** @param places names of the subjects. */
  check(request: CheckRequest, places: readonly PlaceName[]): string {
    const checks = request.subjects.map(waitingCheck);
    const names = places.map(({ name }) => name);
    const ports = places.map(({ port }) => port);
    const parts = { outcomes: [], checks, names, ports, subject: names.join(', ') };
    return this.#run('check', parts, async (onEvent, signal, job) => {
      const recorder = new CheckRecorder(job, places, (record) => this.#watcher.onHistory(record));
      const listen = (event: JobEvent): void => {
        if (event.kind === 'checks') recorder.take(event.checks);
        onEvent(event);
      };
      try {
        const ended = await this.#backend.check(request, listen, signal);
        recorder.take(ended);
        return { checks: ended };
      } catch (error) {
        recorder.take(endChecks(this.#jobs.check?.checks ?? checks, error));
        throw error;
      }
    });
  }

  cancel(id: string): void {
    const job = this.running;
    if (job?.id !== id) return;
    const phase = job.progress?.phase;
    if (phase !== undefined && UNSTOPPABLE_PHASES.includes(phase)) return;
    this.#update(job.kind, { state: 'cancelling' });
    this.#controller?.abort();
  }

  /** Gives up one output of the build that runs. */
  stopOutput(id: string, output: number): void {
    const job = this.running;
    const outcome = job?.outcomes[output];
    if (job?.id !== id || outcome === undefined || !mayStop(outcome)) return;
    void this.#backend.stopOutput(output);
  }

  dismiss(id: string): void {
    const job = this.find(id);
    if (job === null || job === this.running) return;
    this.#set(job.kind, null);
  }

  /** The drives of a finished build were switched off later. */
  ejected(id: string): void {
    const job = this.find(id);
    if (job === null || job.build === null) return;
    const outcomes = job.outcomes.map((outcome) => ({
      ...outcome,
      ejected: outcome.ejected || (outcome.request.kind === 'drive' && outcome.verified),
    }));
    // That they could not be switched off is over.
    const notices = job.notices.filter(({ code }) => code !== 'drive-eject-failed');
    this.#update(job.kind, { build: { ...job.build, outcomes }, outcomes, notices });
  }

  #run(
    kind: keyof Jobs,
    parts: Pick<JobSnapshot, 'outcomes' | 'checks' | 'names' | 'ports' | 'subject'>,
    work: (
      onEvent: (event: JobEvent) => void,
      signal: AbortSignal,
      id: string,
    ) => Promise<Partial<JobSnapshot>>,
  ): string {
    if (this.#running !== null)
      throw builderError('internal', { detail: 'a job is already running' });
    const controller = new AbortController();
    this.#controller = controller;
    this.#running = kind;
    const id = randomUUID();
    this.#set(kind, {
      id,
      kind,
      startedAt: wallClock().getTime(),
      ...parts,
      lanes: parts.outcomes.map(() => null),
      state: 'running',
      removing: false,
      progress: null,
      notices: [],
      build: null,
      error: null,
    });
    const end = (changes: Partial<JobSnapshot>): void => {
      this.#controller = null;
      this.#running = null;
      const notices = this.#jobs[kind]?.notices.filter(isNoStall) ?? [];
      this.#update(kind, { ...changes, notices });
      const job = this.#jobs[kind];
      if (job !== null) this.#watcher.onEnd(job);
    };
    this.#ended = work((event) => this.#take(kind, event), controller.signal, id).then(
      (result) => end({ state: 'done', ...result }),
      (error: unknown) => {
        if (this.#jobs[kind]?.removing === true) this.#removed = this.#awaitRemoval(kind, id);
        const outcomes = endOutcomes(this.#jobs[kind]?.outcomes ?? [], error);
        const checks = endChecks(this.#jobs[kind]?.checks ?? [], error);
        end({ state: 'failed', error: toErrorData(error), outcomes, checks });
      },
    );
    return id;
  }

  async #awaitRemoval(kind: keyof Jobs, id: string): Promise<void> {
    // A backend that died removes nothing any more.
    await this.#backend.removed().catch(() => null);
    if (this.#jobs[kind]?.id === id) this.#update(kind, { removing: false });
  }

  #take(kind: keyof Jobs, event: JobEvent): void {
    const job = this.#jobs[kind];
    if (job === null) return;
    const { notices } = job;
    switch (event.kind) {
      case 'removing':
        this.#update(kind, { removing: true });
        return;
      case 'notice': {
        const others = event.notice.code === STALLED ? notices.filter(isNoStall) : notices;
        this.#update(kind, { notices: [...others, event.notice] });
        return;
      }
      case 'outcomes':
        this.#update(kind, { outcomes: event.outcomes });
        return;
      case 'checks':
        this.#update(kind, { checks: event.checks });
        return;
      case 'lane':
        // Sent with the next progress of the job: sixteen drives report a hundred times a second.
        this.#jobs = {
          ...this.#jobs,
          [kind]: { ...job, lanes: job.lanes.with(event.output, event.progress) },
        };
        return;
      case 'progress': {
        const { progress } = event;
        const goesOn =
          progress.phase !== job.progress?.phase || progress.bytesDone > job.progress.bytesDone;
        this.#update(kind, { progress, notices: goesOn ? notices.filter(isNoStall) : notices });
      }
    }
  }

  #update(kind: keyof Jobs, changes: Partial<JobSnapshot>): void {
    const job = this.#jobs[kind];
    if (job !== null) this.#set(kind, { ...job, ...changes });
  }

  #set(kind: keyof Jobs, job: JobSnapshot | null): void {
    this.#jobs = { ...this.#jobs, [kind]: job };
    this.#watcher.onChange(kind, job);
  }
}

function isNoStall({ code }: ErrorData): boolean {
  return code !== STALLED;
}

/** Everything is on the drive by then, and right: stopping would only make that a lie. */
function mayStop({ state, phase }: Outcome): boolean {
  return state === 'running' && (phase === null || !UNSTOPPABLE_PHASES.includes(phase));
}

/** Names of the drives; of the file, where there is none. */
function subjectOf({ outputs }: BuildOrder, names: readonly string[]): string {
  const drives = names.filter((_name, i) => outputs[i]?.kind === 'drive');
  return drives.length > 0 ? drives.join(', ') : (names[0] ?? '');
}

function historyOutcome(outcome: Outcome, place: PlaceName | undefined): HistoryOutcome {
  const { request, error, refresh } = outcome;
  const serial = request.kind === 'drive' ? request.identity.serial : null;
  const { name = '', port = null } = place ?? {};
  const result = resultOf(outcome);
  return { kind: request.kind, name, serial, port, result, error, faults: 0, refresh };
}

function imagesOf({ summary, signatures }: BuildResult): HistoryImage[] {
  return historyImages(summary.manifest, signatures);
}
