import type { Drive } from '../../shared/model/drive.ts';

/** Port to whatever knows the drives: an operating system, or a list that a test hands in. */
export interface DriveSource {
  /** Every whole disk, usable or not. Throws `drive-list-failed`. */
  list(): Promise<readonly Drive[]>;
}
