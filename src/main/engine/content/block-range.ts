/** Adjacent blocks [first, end) of a device. */
export interface BlockRange {
  readonly first: number;
  /** Infinity: as far as there are blocks. */
  readonly end: number;
}
