import { randomUUID } from 'node:crypto';
import { builderError, toErrorData } from '../../shared/errors.ts';
import type { CheckSubject, HistoryEntry, JobSnapshot } from '../../shared/ipc.ts';
import type { BuildResult, CheckReport, OutputRequest } from '../../shared/model/job.ts';
import type { Phase } from '../../shared/model/progress.ts';
import { isVerified } from './report.ts';
import type { Backend, BuildOrder, JobNews } from './backend.ts';

/** Phases in which a target may hold something else than before. */
const TOUCHING: readonly Phase[] = ['prepare', 'write', 'flush', 'verify', 'commit', 'eject'];

/** When these run, everything is on the drive and right: stopping would only make that a lie. */
const TOO_LATE_TO_STOP: readonly Phase[] = ['commit', 'eject'];

interface Watcher {
  onChange(job: JobSnapshot | null): void;
  /** Once per job, when it is over. */
  onEnd(job: JobSnapshot): void;
  onHistory(entry: HistoryEntry): void;
}

/** The one job that the app runs at a time, and its end until the person dismisses it. */
export class JobRunner {
  readonly #backend: Backend;
  readonly #watcher: Watcher;
  #job: JobSnapshot | null = null;
  #controller: AbortController | null = null;
  #ended: Promise<void> = Promise.resolve();
  #removed: Promise<unknown> = Promise.resolve();

  constructor(backend: Backend, watcher: Watcher) {
    this.#backend = backend;
    this.#watcher = watcher;
  }

  get current(): JobSnapshot | null {
    return this.#job;
  }

  get running(): boolean {
    return this.#controller !== null;
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
      const started = Date.now();
      const remember = (
        result: HistoryEntry['result'],
        images: HistoryEntry['images'],
        error: HistoryEntry['error'],
      ): void =>
        this.#watcher.onHistory({
          id: randomUUID(),
          startedAt: started,
          milliseconds: Date.now() - started,
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
    if (this.#job?.id !== id || this.#controller === null) return;
    const phase = this.#job.progress?.phase;
    if (phase !== undefined && TOO_LATE_TO_STOP.includes(phase)) return;
    this.#update({ state: 'cancelling' });
    this.#controller.abort();
  }

  dismiss(id: string): void {
    if (this.#job?.id !== id || this.running) return;
    this.#job = null;
    this.#watcher.onChange(null);
  }

  /** The drive of a finished build was switched off later. */
  ejected(id: string): void {
    const { build } = this.#job?.id === id ? this.#job : { build: null };
    if (build === null) return;
    const outputs = build.outputs.map((output) => ({
      ...output,
      ejected: output.ejected || output.request.kind === 'drive',
    }));
    // That it could not be switched off is over.
    const notices = this.#job?.notices.filter(({ code }) => code !== 'drive-eject-failed') ?? [];
    this.#update({ build: { ...build, outputs }, notices });
  }

  #run(
    kind: JobSnapshot['kind'],
    outputs: readonly OutputRequest[],
    subject: string,
    work: (
      onNews: (news: JobNews) => void,
      signal: AbortSignal,
    ) => Promise<{ readonly build: BuildResult } | { readonly check: CheckReport }>,
  ): string {
    if (this.running) throw builderError('internal', { detail: 'a job is already running' });
    const controller = new AbortController();
    this.#controller = controller;
    const id = randomUUID();
    this.#job = {
      id,
      kind,
      startedAt: Date.now(),
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
    };
    this.#watcher.onChange(this.#job);
    this.#ended = work((news) => this.#hear(news), controller.signal)
      .then(
        (result) => {
          this.#controller = null;
          this.#update({ state: 'done', ...result });
        },
        (error: unknown) => {
          this.#controller = null;
          this.#update({ state: 'failed', error: toErrorData(error) });
          if (this.#job?.removing === true) this.#removed = this.#awaitRemoval(id);
        },
      )
      .then(() => {
        if (this.#job !== null) this.#watcher.onEnd(this.#job);
      });
    return id;
  }

  async #awaitRemoval(id: string): Promise<void> {
    // A backend that died removes nothing any more.
    await this.#backend.removed().catch(() => null);
    if (this.#job?.id === id) this.#update({ removing: false });
  }

  #hear(news: JobNews): void {
    if (news.kind === 'removing') {
      this.#update({ removing: true });
      return;
    }
    if (news.kind === 'notice') {
      this.#update({ notices: [...(this.#job?.notices ?? []), news.notice] });
      return;
    }
    const touched = this.#job?.touched === true || TOUCHING.includes(news.progress.phase);
    this.#update({ progress: news.progress, touched });
  }

  #update(changes: Partial<JobSnapshot>): void {
    if (this.#job === null) return;
    this.#job = { ...this.#job, ...changes };
    this.#watcher.onChange(this.#job);
  }
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
