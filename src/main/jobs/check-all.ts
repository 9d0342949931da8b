import { toErrorData } from '../../shared/errors.ts';
import { waitingCheck, type CheckOutcome, type CheckSubject } from '../../shared/model/check.ts';
import type { DriveIdentity } from '../../shared/model/drive.ts';
import type { CheckReport } from '../../shared/model/job.ts';
import { checkDrive, checkPath } from './check.ts';
import type { JobContext } from './context.ts';
import type { BlockReader } from './drive-reader.ts';
import { settleEarly } from './settle-early.ts';

export interface CheckRequest {
  readonly subjects: readonly CheckSubject[];
  /** Switches each drive off when it was checked, whatever was found. */
  readonly eject: boolean;
}

/** A drive that is open for reading. */
export interface OpenDrive extends BlockReader {
  readonly name: string;
  /** Switches it off. false: that failed. */
  eject(): Promise<boolean>;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface CheckAllContext extends Pick<JobContext, 'signal' | 'onProgress' | 'onCleanup'> {
  /** The outcomes as they are now, whenever one of them changes. */
  readonly onChecks: (checks: readonly CheckOutcome[]) => void;
  /**
   * Opens drives for reading by one elevation: a promise for each, in their order. The outer one rejects where
   * none can be opened.
   */
  readonly openDrives: (drives: readonly DriveIdentity[]) => Promise<readonly Promise<OpenDrive>[]>;
}

/**
 * Checks one subject after the other; one that cannot be looked at leaves the others. All drives are opened
 * before the first is read, so that the password is asked for once. Rejects only when it is cancelled.
 */
export function checkAll(
  { subjects, eject }: CheckRequest,
  context: CheckAllContext,
): Promise<readonly CheckOutcome[]> {
  return settleEarly(context, async (own) => {
    let checks: readonly CheckOutcome[] = subjects.map(waitingCheck);
    const change = (at: number, changes: Partial<CheckOutcome>): void => {
      checks = checks.map((check, i) => (i === at ? { ...check, ...changes } : check));
      if (!own.signal.aborted) own.onChecks(checks);
    };
    const drives = openAll(subjects, own);
    try {
      for (const [at, subject] of subjects.entries()) {
        change(at, { state: 'running' });
        try {
          const drive = drives.get(at);
          const found =
            subject.kind === 'path'
              ? { report: await checkPath(subject.path, own), ejected: false }
              : await readDrive(drive, eject, own);
          change(at, { state: 'done', ...found });
        } catch (error) {
          own.signal.throwIfAborted();
          change(at, { state: 'failed', error: toErrorData(error) });
        }
      }
    } finally {
      await Promise.allSettled(Array.from(drives.values(), async (drive) => (await drive).close()));
    }
    return checks;
  });
}

/** By the position of the subject. */
function openAll(
  subjects: readonly CheckSubject[],
  { openDrives }: Pick<CheckAllContext, 'openDrives'>,
): ReadonlyMap<number, Promise<OpenDrive>> {
  const wanted = [...subjects.entries()].flatMap(([at, subject]) =>
    subject.kind === 'drive' ? [{ at, identity: subject.identity }] : [],
  );
  if (wanted.length === 0) return new Map();
  const opening = openDrives(wanted.map(({ identity }) => identity));
  return new Map(
    wanted.map(({ at }, i) => {
      const drive = opening.then((drives) => drives[i] ?? Promise.reject(new Error('no drive')));
      // Awaited later; marked as handled so that Node does not exit.
      drive.catch(() => undefined);
      return [at, drive];
    }),
  );
}

async function readDrive(
  opening: Promise<OpenDrive> | undefined,
  eject: boolean,
  context: Pick<JobContext, 'signal' | 'onProgress'>,
): Promise<{ report: CheckReport; ejected: boolean }> {
  if (opening === undefined) throw new Error('a drive for each subject');
  const drive = await opening;
  try {
    const report = await checkDrive(drive, context);
    return { report, ejected: eject && (await drive.eject()) };
  } finally {
    await drive.close();
  }
}
