/** Positioned reading of a finished output or an input; the port of every reader. */
export interface RandomReader {
  readonly size: number;
  /** Exactly `length` bytes from `offset`; fewer is an error. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** A reader that can fill memory of the caller's; saves a copy. */
export interface FillingReader extends RandomReader {
  /** Fills all of `into` from `offset`. */
  fill(offset: number, into: Uint8Array): Promise<void>;
}
