/** What a CA folder holds, for people. */
export interface CaReport {
  /** Names of its chains, at least one. */
  readonly chains: readonly string[];
  /** Names of chains without a root certificate; they are not used. */
  readonly withoutRoot: readonly string[];
}
