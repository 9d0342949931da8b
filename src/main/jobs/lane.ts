import { BuilderError } from '../../shared/errors.ts';
import type { DriveRequest } from '../../shared/model/job.ts';
import type { RefreshResult } from '../../shared/model/outcome.ts';
import { LayoutOutput } from '../engine/emit/layout-output.ts';
import type { Output } from '../engine/emit/output.ts';
import type { Layout } from '../engine/layout/layout.ts';
import type { Plan } from '../engine/plan/plan.ts';
import type { ProvenContents } from '../engine/plan/proven-contents.ts';
import type { HashPool } from '../engine/pool/hash-pool.ts';
import type { DriveTarget } from '../engine/target/drive-target.ts';
import type { ProgressReporter } from './progress-reporter.ts';
import { repairKeptFiles, wrongKeptFiles } from './kept-contents.ts';
import { layoutForRefresh, type WantedBlobs } from './refresh.ts';
import type { LaneReporter } from './outcomes.ts';
import type { JobOutcome } from './settle-early.ts';
import { verifyDrive } from './verify-drive.ts';

/** What the lanes of one job share. */
export interface LaneJob {
  readonly plan: Plan;
  /** Of these the stored bytes are compared when they are read back, and nothing is unpacked. */
  readonly proven: ProvenContents;
  readonly checkSignature: boolean;
  readonly pool: HashPool;
  readonly ending: JobOutcome;
  /** For drives that are refreshed. */
  readonly wanted?: WantedBlobs | undefined;
}

interface LaneParts {
  readonly request: DriveRequest;
  readonly target: DriveTarget;
  /** Of the drive as a whole. */
  readonly layout: Layout;
  readonly reporter: LaneReporter;
  /** Aborts when the job is to end, or this drive alone. */
  readonly signal: AbortSignal;
}

/**
 * One drive's way through the second half of a job: look → prepare → write → flush → read back → commit → eject.
 * Only a drive that is refreshed is looked at, and of that only what it lacks is written. A lane that fails or is
 * stopped gives its drive back at once and does nothing more; the methods resolve all the same, and the job goes
 * on with its other lanes.
 *
 * @example
 *   const lane = new DriveLane(job, { request, target, layout, reporter, signal });
 *   await lane.prepare();
 *   const { output, meter } = lane.startWriting();
 *   await emit(plan, [output], { onProgress: (...done) => meter.update(...done) });
 *   await lane.complete();
 *   await lane.close();
 */
export class DriveLane {
  readonly #job: LaneJob;
  readonly #parts: LaneParts;
  #layout: Layout;
  #refresh: RefreshResult | null = null;
  #output: Output | null = null;
  #failure: { readonly error: unknown } | null = null;
  #isCommitting = false;
  #flushing: ProgressReporter | null = null;

  constructor(job: LaneJob, parts: LaneParts) {
    this.#job = job;
    this.#parts = parts;
    this.#layout = parts.layout;
    const { signal } = parts;
    signal.addEventListener('abort', () => this.fail(signal.reason), { once: true });
    if (signal.aborted) this.fail(signal.reason);
  }

  /** Why it has ended early; null while it goes on, and when it is complete. */
  get failure(): { readonly error: unknown } | null {
    return this.#failure;
  }

  /** The output to be filled, once the drive is prepared. */
  get output(): Output {
    if (this.#output === null) throw new Error('a drive is prepared before it is filled');
    return this.#output;
  }

  /** Looks at what can stay, makes the drive unrecognisable and ready for the first byte. */
  prepare(): Promise<void> {
    return this.#step(async () => {
      await this.#choose();
      const output = new LayoutOutput(this.#layout, this.#parts.target);
      this.#output = output;
      await this.#parts.reporter.phase('prepare', () => output.prepare());
    });
  }

  /** The output to be filled, with what measures it. */
  startWriting(): { output: Output; meter: ProgressReporter } {
    const { totalBytes, totalFiles } = this.#job.plan.summary;
    const { kept = { bytes: 0, count: 0 } } = this.#layout;
    // A drive is read back, with what it keeps.
    const totals = {
      bytes: totalBytes - kept.bytes,
      files: totalFiles - kept.count,
      following: totalBytes,
    };
    return { output: this.output, meter: this.#parts.reporter.begin('write', totals) };
  }

  /** The last byte was accepted. */
  startFlushing(): void {
    if (this.#failure === null) this.#flushing = this.#parts.reporter.begin('flush');
  }

  /** Flushes, reads everything back, and only then makes the drive recognisable. */
  complete(): Promise<void> {
    return this.#step(async () => {
      await this.output.finish();
      this.#flushing?.finish();
      await this.#verify();
      await this.#job.ending.commit(() => this.#commit());
    });
  }

  /** Ends this lane alone, and gives its drive back. A commit that has begun goes on. */
  fail(error: unknown): void {
    const { reporter, target } = this.#parts;
    if (this.#failure !== null || this.#isCommitting || !reporter.isOpen) return;
    this.#failure = { error };
    reporter.fail(error);
    // Settles every write that is under way, so that memory that it was lent comes free.
    target.close().catch(() => undefined);
  }

  close(): Promise<void> {
    return this.#output?.close() ?? this.#parts.target.close();
  }

  async #step(work: () => Promise<void>): Promise<void> {
    if (this.#failure !== null) return;
    try {
      await work();
    } catch (error) {
      this.#isCommitting = false;
      this.fail(error);
    }
  }

  async #choose(): Promise<void> {
    const { request, target, layout: whole, reporter, signal } = this.#parts;
    const { plan, wanted } = this.#job;
    if (request.refresh !== true || wanted === undefined) return;
    await reporter.phase('look', async () => {
      const { layout, result } = await layoutForRefresh(target, plan, whole, wanted, signal);
      this.#layout = layout;
      this.#tellRefresh(result);
    });
  }

  #tellRefresh(result: RefreshResult): void {
    this.#refresh = result;
    this.#parts.reporter.refreshed(result);
  }

  /** Reads everything back. Kept files that are wrong are repaired once, and then everything is read again. */
  async #verify(): Promise<void> {
    try {
      await this.#readBack();
    } catch (error) {
      if (!(await this.#repair(error))) throw error;
      await this.#readBack();
    }
  }

  async #readBack(): Promise<void> {
    const { target, reporter, signal } = this.#parts;
    const { plan, proven, pool, checkSignature } = this.#job;
    const { commit } = this.#layout;
    if (commit === null) throw new Error('a filesystem has a commit block');
    reporter.enter('verify');
    await verifyDrive(target, plan, commit, {
      signal,
      proven,
      pool,
      checkSignature,
      ...reporter.progress,
    });
  }

  /** @returns false where no kept file is to blame for the error. */
  async #repair(error: unknown): Promise<boolean> {
    const { target, signal } = this.#parts;
    const { plan, proven, pool } = this.#job;
    const { kept } = this.#layout;
    if (kept === undefined || this.#refresh?.kind !== 'refreshed') return false;
    // A cancel and a defect are none; of a drive that is gone, the next read says so again.
    if (signal.aborted || !(error instanceof BuilderError)) return false;
    const context = { pool, proven, signal };
    const wrong = await wrongKeptFiles(target, plan, kept, context);
    if (wrong.size === 0) return false;
    await repairKeptFiles(target, plan, kept, wrong, context);
    let bytes = 0;
    for (const fileIndex of wrong) bytes += plan.files[fileIndex]?.size ?? 0;
    const { writtenBytes, keptBytes } = this.#refresh;
    this.#tellRefresh({
      kind: 'refreshed',
      writtenBytes: writtenBytes + bytes,
      keptBytes: keptBytes - bytes,
    });
    return true;
  }

  async #commit(): Promise<void> {
    const { request, target, reporter, signal } = this.#parts;
    let ejected = false;
    await reporter.phase('commit', async () => {
      signal.throwIfAborted();
      this.#isCommitting = true;
      await this.output.commit();
    });
    if (request.eject)
      await reporter.phase('eject', async () => {
        ejected = await target.eject();
      });
    reporter.done({ bytes: target.size, verified: true, ejected });
    this.#isCommitting = false;
  }
}
