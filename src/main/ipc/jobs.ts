import { randomUUID } from 'node:crypto';
import { builderError, toErrorData, type ErrorData } from '../../shared/errors.ts';
import type { CheckSubject, HistoryEntry, Jobs, JobSnapshot } from '../../shared/ipc.ts';
import type { BuildResult, CheckReport, OutputRequest } from '../../shared/model/job.ts';
import type { Phase } from '../../shared/model/progress.ts';
import { wallClock } from '../../shared/wall-clock.ts';
import { isVerified } from './report.ts';
import type { Backend, BuildOrder, JobNews } from './backend.ts';

/** Phases in which a target may hold something else than before. */
const TOUCHING: readonly Phase[] = ['prepare', 'write', 'flush', 'verify', 'commit', 'eject'];

/** When these run, everything is on the drive and right: stopping would only make that a lie. */
const TOO_LATE_TO_STOP: readonly Phase[] = ['commit', 'eject'];

/** Says that a drive does not answer: true only until it does. */
const STALLED = 'drive-stalled';

interface Watcher {
  /** null: it was dismissed. */
  onChange(kind: keyof Jobs, job: JobSnapshot | null): void;
  /** Once per job, when it is over. */
  onEnd(job: JobSnapshot): void;
  onHistory(entry: HistoryEntry): void;
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

  /** @param subject what a person calls the drive or file. @param labels what is to go on it. */
  build(order: BuildOrder, subject: string, labels: HistoryEntry['images']): string {
    return this.#run('build', order.outputs, subject, async (onNews, signal) => {
      const startedAt = wallClock().getTime();
      const began = performance.now();
      const remember = (
        result: HistoryEntry['result'],
        images: HistoryEntry['images'],
        error: HistoryEntry['error'],
      ): void =>
        this.#watcher.onHistory({
          id: randomUUID(),
          startedAt,
          milliseconds: Math.round(performance.now() - began),
          images,
          outputs: order.outputs.map((output) => historyOutput(output, subject)),
          result,
          error,
        });
      try {
        const build = await this.#backend.build(order, onNews, signal);
        remember(isVerified(build) ? 'verified' : 'saved', imagesOf(build), null);
        return { build };
      } catch (error) {
        const data = toErrorData(error);
        remember(data.code === 'cancelled' ? 'cancelled' : 'failed', labels, data);
        throw error;
      }
    });
  }

  check(subject: CheckSubject, name: string): string {
    return this.#run('check', [], name, async (onNews, signal) => ({
      check: await this.#backend.check(subject, onNews, signal),
    }));
  }

  cancel(id: string): void {
    const job = this.running;
    if (job?.id !== id) return;
    const phase = job.progress?.phase;
    if (phase !== undefined && TOO_LATE_TO_STOP.includes(phase)) return;
    this.#update(job.kind, { state: 'cancelling' });
    this.#controller?.abort();
  }

  dismiss(id: string): void {
    const job = this.find(id);
    if (job === null || job === this.running) return;
    this.#set(job.kind, null);
  }

  /** The drive of a finished build was switched off later. */
  ejected(id: string): void {
    const job = this.find(id);
    if (job === null || job.build === null) return;
    const { build } = job;
    const outputs = build.outputs.map((output) => ({
      ...output,
      ejected: output.ejected || output.request.kind === 'drive',
    }));
    // That it could not be switched off is over.
    const notices = job.notices.filter(({ code }) => code !== 'drive-eject-failed');
    this.#update(job.kind, { build: { ...build, outputs }, notices });
  }

  #run(
    kind: keyof Jobs,
    outputs: readonly OutputRequest[],
    subject: string,
    work: (
      onNews: (news: JobNews) => void,
      signal: AbortSignal,
    ) => Promise<{ readonly build: BuildResult } | { readonly check: CheckReport }>,
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
      outputs,
      subject,
      state: 'running',
      removing: false,
      touched: false,
      progress: null,
      notices: [],
      build: null,
      check: null,
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
    this.#ended = work((news) => this.#hear(kind, news), controller.signal).then(
      (result) => end({ state: 'done', ...result }),
      (error: unknown) => {
        if (this.#jobs[kind]?.removing === true) this.#removed = this.#awaitRemoval(kind, id);
        end({ state: 'failed', error: toErrorData(error) });
      },
    );
    return id;
  }

  async #awaitRemoval(kind: keyof Jobs, id: string): Promise<void> {
    // A backend that died removes nothing any more.
    await this.#backend.removed().catch(() => null);
    if (this.#jobs[kind]?.id === id) this.#update(kind, { removing: false });
  }

  #hear(kind: keyof Jobs, news: JobNews): void {
    const job = this.#jobs[kind];
    if (news.kind === 'removing') {
      this.#update(kind, { removing: true });
      return;
    }
    const notices = job?.notices ?? [];
    if (news.kind === 'notice') {
      const others = news.notice.code === STALLED ? notices.filter(isNoStall) : notices;
      this.#update(kind, { notices: [...others, news.notice] });
      return;
    }
    const touched = job?.touched === true || TOUCHING.includes(news.progress.phase);
    const goesOn =
      news.progress.phase !== job?.progress?.phase ||
      news.progress.bytesDone > job.progress.bytesDone;
    this.#update(kind, {
      progress: news.progress,
      touched,
      notices: goesOn ? notices.filter(isNoStall) : notices,
    });
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

function historyOutput(output: OutputRequest, driveName: string): HistoryEntry['outputs'][number] {
  return output.kind === 'drive'
    ? { kind: 'drive', name: driveName, serial: output.identity.serial }
    : { kind: output.kind, name: output.path, serial: null };
}

function imagesOf(build: BuildResult): HistoryEntry['images'] {
  return build.summary.manifest.image_meta.map((image) => ({
    ecuId: image.ecu_id,
    version: image.image_version,
  }));
}
