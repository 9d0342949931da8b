import type { ErrorData } from '../../shared/errors.ts';
import type { DriveIdentity } from '../../shared/model/drive.ts';
import { assertElevation } from '../elevation/preflight.ts';
import { openStickReader, openStickReaders, type StickReader } from '../elevation/stick-reader.ts';
import { findWriterProgram, ownEntries } from '../elevation/writer-program.ts';
import type { JobEvent } from './backend.ts';

export interface DriveAccess {
  readonly signal?: AbortSignal;
  readonly onEvent: (event: JobEvent) => void;
}

/** Lets jobs at the drives when the jobs before them have given theirs back. */
export class DriveGate {
  readonly #allowFixed: boolean;
  /** What settled jobs still put away. A drive is theirs until then. */
  #pendingCleanup: Promise<unknown> = Promise.resolve();

  /** @param allowFixed also opens fixed drives and loop devices. */
  constructor(allowFixed: boolean) {
    this.#allowFixed = allowFixed;
  }

  /** Closes the gate until a settled job has put everything away. */
  closeUntil(ended: Promise<void>): void {
    this.#pendingCleanup = Promise.all([this.#pendingCleanup, ended]);
  }

  /**
   * Resolves when all drives are given back.
   * @param signal of the job that waits. Once aborted, its own cleanup is among what is waited for.
   */
  async opened(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await this.#pendingCleanup;
  }

  /**
   * Opens drives for reading by one elevation; closing them is the caller's.
   * @returns a promise for each, in their order.
   */
  async openReaders(
    identities: readonly DriveIdentity[],
    { signal, onEvent }: DriveAccess,
  ): Promise<readonly Promise<StickReader>[]> {
    await this.opened(signal);
    const program = findWriterProgram(ownEntries(), 'read');
    await assertElevation(program);
    const drives = identities.map((identity) => ({
      ...{ identity, allowFixed: this.#allowFixed },
      onNotice: (notice: ErrorData) => onEvent({ kind: 'notice', notice }),
    }));
    return openStickReaders(drives, { program, ...(signal === undefined ? {} : { signal }) });
  }

  /** Opens a drive for reading, and closes it whatever happens. */
  async read<T>(
    identity: DriveIdentity,
    { signal, onEvent }: DriveAccess,
    work: (drive: StickReader) => Promise<T>,
  ): Promise<T> {
    await this.opened(signal);
    const program = findWriterProgram(ownEntries(), 'read');
    await assertElevation(program);
    const drive = await openStickReader({
      identity,
      allowFixed: this.#allowFixed,
      program,
      ...(signal === undefined ? {} : { signal }),
      onNotice: (notice) => onEvent({ kind: 'notice', notice }),
    });
    try {
      return await work(drive);
    } finally {
      await drive.close();
    }
  }
}
