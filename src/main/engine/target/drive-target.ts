import type { Target } from './target.ts';

/** A drive that is open for writing: a target that can also be ejected. */
export interface DriveTarget extends Target {
  /**
   * Makes it safe to unplug; after `commit` and before `close`. false: it stayed switched on, and is complete
   * all the same.
   */
  eject(): Promise<boolean>;
}
