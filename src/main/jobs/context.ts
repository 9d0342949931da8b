import type { OutputRequest } from '../../shared/model/job.ts';
import type { Progress } from '../../shared/model/progress.ts';
import type { Target } from '../engine/target/target.ts';

/** A drive opened for writing: a target that can also be ejected. */
export interface DriveTarget extends Target {
  /** Makes it safe to unplug; after `commit` and before `close`. false: it stayed switched on. */
  eject(): Promise<boolean>;
}

/** What a job gets from outside: the border to people and to the operating system. */
export interface JobContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Opens a drive through the elevated writer; absent where drives cannot be written. */
  readonly openDrive?: (request: OutputRequest & { kind: 'drive' }) => Promise<DriveTarget>;
}
