import type { ErrorData } from '../errors.ts';
import type { DriveIdentity } from './drive.ts';
import type { CheckReport } from './job.ts';
import type { OutcomeState } from './outcome.ts';

/** What is checked: a file or folder by its path, or a drive. */
export type CheckSubject =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'drive'; readonly identity: DriveIdentity };

/** What becomes of one subject of a check. A check has one for each, in the order in which they were named. */
export interface CheckOutcome {
  readonly subject: CheckSubject;
  readonly state: OutcomeState;
  /** What was found; null before the end, and where it could not be looked at. */
  readonly report: CheckReport | null;
  /** Why it could not be looked at to the end. */
  readonly error: ErrorData | null;
  /** The drive was switched off afterwards. */
  readonly ejected: boolean;
}

/** A subject at which nothing has looked yet. */
export function waitingCheck(subject: CheckSubject): CheckOutcome {
  return { subject, state: 'waiting', report: null, error: null, ejected: false };
}
