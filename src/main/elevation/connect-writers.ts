import { builderError, type BuilderError } from '../../shared/errors.ts';
import { onOneDisk } from '../../shared/model/drive.ts';
import type { Access, ControlPayloads } from '../../shared/writer-protocol.ts';
import type { Channel } from '../writer/channel.ts';
import { createJobFolder, type Job, type JobFolder } from './job-folder.ts';
import type { StartedLauncher } from './launcher-process.ts';
import { startLauncher } from './start-launcher.ts';
import { listenForWriter, type Listener } from './writer-connection.ts';
import { WriterLink, type LinkOptions } from './writer-link.ts';
import type { WriterProgram } from './writer-program.ts';

/** One drive of a run. */
export interface DriveRequest extends LinkOptions {
  readonly allowFixed: boolean;
  /** Ends this drive alone, as its `close` does; but not a commit that has begun. */
  readonly signal?: AbortSignal;
}

/** What all drives of a run share. */
export interface RunOptions {
  readonly program: WriterProgram;
  /** Ends a pending password dialog, and every drive as its own signal does. */
  readonly signal?: AbortSignal;
}

/** A writer that has its device open. */
export interface WriterSession {
  readonly link: WriterLink;
  readonly facts: ControlPayloads['ready'];
  /** What a person calls the drive. */
  readonly name: string;
  /** Aborted when the drive is to end: by its own signal or the run's. */
  readonly signal: AbortSignal;
  /** After `leave` or `abandon`: waits for the writer's end and gives everything back. */
  readonly settle: () => Promise<void>;
}

/** The writer releases its device after the last request, which a dead device may never finish. */
const RELEASE_TIMEOUT_MS = 25_000;

/**
 * From the first writer that connects to the last. All are started at once, so only a writer that hangs or died
 * without word takes this long; a slow machine does not. As long as for a connected side that falls silent.
 */
const CONNECT_TIMEOUT_MS = 300_000;

/**
 * Asks for elevated rights once and opens all drives, each through a writer of its own.
 * @param access what the drives are opened for; the writers refuse anything else.
 * @returns a promise for each drive, in their order, which settles on its own: it resolves when the drive is
 * checked, unmounted and open, and rejects with `elevation-…`, `writer-…`, `drive-…` or `cancelled`. What concerns
 * the run (no password, two drives on one disk: `drive-named-twice`) rejects all of them.
 */
export function connectWriters(
  drives: readonly DriveRequest[],
  access: Access,
  options: RunOptions,
): Promise<WriterSession>[] {
  const run = new WriterRun(drives, access, options);
  return drives.map((drive, index) => run.connect(drive, index));
}

interface Started {
  readonly folder: JobFolder;
  readonly listeners: readonly Listener[];
  readonly launcher: StartedLauncher;
}

/** One elevation and its writers: from the job folder until the last drive was given back. */
class WriterRun {
  readonly #program: WriterProgram;
  readonly #signal: AbortSignal;
  readonly #links: readonly WriterLink[];
  readonly #started: Promise<Started>;
  /** Drives whose writer has neither connected nor failed. */
  #awaited: number;
  /** Drives that have not been given back. */
  #open: number;
  #hasConnected = false;
  readonly #overdue = Promise.withResolvers<never>();
  #overdueTimer: NodeJS.Timeout | undefined;
  /** Resolves when no writer is awaited any more and the job folder is removed. */
  readonly #complete = Promise.withResolvers<undefined>();

  constructor(drives: readonly DriveRequest[], access: Access, { program, signal }: RunOptions) {
    this.#program = program;
    this.#signal = signal ?? new AbortController().signal;
    this.#links = drives.map((drive) => new WriterLink(drive));
    this.#awaited = drives.length;
    this.#open = drives.length;
    // Awaited later; marked as handled so that Node does not exit.
    this.#overdue.promise.catch(() => undefined);
    this.#started = this.#start(drives, access);
  }

  async connect(drive: DriveRequest, index: number): Promise<WriterSession> {
    const { folder, listeners, launcher } = await this.#started;
    const [link, job, listener] = [this.#links[index], folder.jobs[index], listeners[index]];
    if (link === undefined || job === undefined || listener === undefined)
      throw new RangeError(`no drive ${index}`);
    const signal = AbortSignal.any([this.#signal, ...(drive.signal ? [drive.signal] : [])]);
    const aborted = Promise.withResolvers<never>();
    aborted.promise.catch(() => undefined);
    const abort = (): void => aborted.reject(builderError('cancelled', {}));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    let channel: Channel | null = null;
    try {
      const dead = rejected(launcher.writerEnded(job.name));
      channel = await Promise.race([
        ...[aborted.promise, listener.connected],
        ...[dead, this.#overdue.promise],
      ]);
      this.#onConnected(launcher);
      this.#onArrived(folder);
      await Promise.race([this.#complete.promise, aborted.promise]);
      const facts = await Promise.race([link.start(channel), aborted.promise]);
      const settle = async (): Promise<void> => {
        await this.#giveBack(launcher, job, link);
        listener.close();
      };
      return { link, facts, name: nameOf(drive), signal, settle };
    } catch (error) {
      link.abandon();
      listener.close();
      if (channel === null) this.#onArrived(folder);
      await this.#giveBack(launcher, channel === null ? null : job, link);
      if (this.#awaited === 0) await this.#complete.promise;
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async #start(drives: readonly DriveRequest[], access: Access): Promise<Started> {
    const isOver = drives.every(({ signal }) => signal?.aborted === true);
    if (this.#signal.aborted || isOver) throw builderError('cancelled', {});
    refuseSharedDisks(drives);
    const jobs = drives.map(({ identity, allowFixed }) => ({ identity, allowFixed, access }));
    const folder = await createJobFolder(jobs);
    const listeners: Listener[] = [];
    try {
      for (const [index, job] of folder.jobs.entries()) {
        const link = this.#links[index];
        if (link !== undefined) listeners.push(await listenForWriter(job, link));
      }
      return { folder, listeners, launcher: await startLauncher(this.#program, folder) };
    } catch (error) {
      for (const listener of listeners) listener.close();
      await folder.remove();
      throw error;
    }
  }

  #onConnected(launcher: StartedLauncher): void {
    if (this.#hasConnected) return;
    this.#hasConnected = true;
    launcher.connected();
    const error = builderError('elevation-broken', { detail: 'a writer did not connect' });
    this.#overdueTimer = setTimeout(() => this.#overdue.reject(error), CONNECT_TIMEOUT_MS);
  }

  /** A writer has connected or failed. After the last the folder goes, so that no end of this process leaves it. */
  #onArrived(folder: JobFolder): void {
    this.#awaited--;
    if (this.#awaited > 0) return;
    clearTimeout(this.#overdueTimer);
    void folder.remove().then(() => this.#complete.resolve(undefined));
  }

  /**
   * Waits, within a limit, until the drive's writer has ended; with the last drive also for the launcher.
   * @param job null where no writer has connected for it.
   */
  async #giveBack(launcher: StartedLauncher, job: Job | null, link: WriterLink): Promise<void> {
    this.#open--;
    if (this.#open === 0) {
      if (!this.#hasConnected) launcher.kill();
      await within(RELEASE_TIMEOUT_MS, launcher.ended);
    } else if (job !== null) {
      const ended = Promise.race([launcher.writerEnded(job.name), link.released]);
      await within(RELEASE_TIMEOUT_MS, ended);
    }
  }
}

/** @throws `drive-named-twice`: two writers on one disk would destroy what the other has written. */
function refuseSharedDisks(drives: readonly DriveRequest[]): void {
  for (const [index, drive] of drives.entries())
    if (drives.slice(0, index).some(({ identity }) => onOneDisk(identity, drive.identity)))
      throw builderError('drive-named-twice', { drive: nameOf(drive) });
}

function nameOf({ identity: { model, path, serial } }: DriveRequest): string {
  return `${model ?? path}${serial === null ? '' : ` (${serial})`}`;
}

/** Rejects with what the promise resolves to. */
function rejected(ended: Promise<BuilderError>): Promise<never> {
  const failure = ended.then((error) => {
    throw error;
  });
  failure.catch(() => undefined);
  return failure;
}

async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const limit = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => limit.resolve(undefined), milliseconds);
  await Promise.race([work, limit.promise]);
  clearTimeout(timer);
}
