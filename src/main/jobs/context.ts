import type { Writable } from 'node:stream';
import type { DriveRequest } from '../../shared/model/job.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import type { Progress } from '../../shared/model/progress.ts';
import type { InspectedInput } from '../engine/inspect/inspected-image.ts';
import type { ProvenContents } from '../engine/plan/proven-contents.ts';
import type { DriveTarget } from '../engine/target/drive-target.ts';
import type { TimeLeft } from './time-left.ts';

/** An image that was inspected before, for the same CA folder. */
export interface KnownImage {
  readonly image: InspectedInput;
  /** What was found when every blob of it was hashed and found right; null: not yet. */
  readonly proven: ProvenContents | null;
}

/** What a job gets from outside: the border to people and to the operating system. */
export interface JobContext {
  readonly signal: AbortSignal;
  /** How far the job is: as far as the slowest of its outputs. */
  readonly onProgress: (progress: Progress) => void;
  /** How far one output is, by its position in the request. */
  readonly onLaneProgress?: (output: number, progress: Progress) => void;
  /**
   * The outcomes as they are now, whenever one enters another state or phase. When the job rejects, those that
   * are open end with its error.
   */
  readonly onOutcomes?: (outcomes: readonly Outcome[]) => void;
  /** Aborts when one drive, by the position of its output in the request, is to be given up alone. */
  readonly outputSignal?: (output: number) => AbortSignal;
  /**
   * Takes what goes on after a cancelled or failed job has settled, at most once: what is half-made is
   * removed, drives are given back. The process must live until `ended` resolves; it never rejects.
   * Absent: the job settles when that has ended.
   */
  readonly onCleanup?: (ended: Promise<void>) => void;
  /** Of a job that has other phases before and after: the time left goes on from one to the next. */
  readonly timeLeft?: TimeLeft;
  /** What need not be read again, as long as the files are still the same. */
  readonly known?: readonly KnownImage[];
  /** Opens this process' standard output for an archive; absent where it has another use. */
  readonly openStdout?: (signal: AbortSignal) => Promise<Writable>;
  /**
   * Opens drives through elevated writers, all of them or none; targets in the order of the requests. Absent
   * where drives cannot be written.
   */
  readonly openDrives?: (requests: readonly DriveRequest[]) => Promise<readonly DriveTarget[]>;
}
