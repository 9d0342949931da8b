/**
 * The bytes that make an output recognisable, at their offset: of a filesystem block 0 with the label, of a tar
 * its end-of-archive mark. Written last, after everything else is durable and verified.
 */
export interface CommitBlock {
  readonly offset: number;
  readonly bytes: Uint8Array;
}
