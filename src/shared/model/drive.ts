/** What makes a drive this drive; a path alone never does. */
export interface DriveIdentity {
  /** Device path at the time of listing, e.g. /dev/sdb. */
  readonly path: string;
  /** Whole-disk serial or WWN; null where the hardware tells none. */
  readonly serial: string | null;
  readonly model: string | null;
  /** Bytes. */
  readonly size: number;
  readonly transport: string | null;
  /** `major:minor` (Linux), disk number (Windows), BSD name (macOS). */
  readonly deviceNumber: string;
  /** Changes whenever the device is plugged again (Linux: diskseq). */
  readonly generation: string;
}
