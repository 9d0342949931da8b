/** Phases of a job in the order in which they can occur; each occurs at most once per job. */
export const PHASES = [
  'inspect',
  'check',
  'prepare',
  'write',
  'flush',
  'verify',
  'commit',
  'eject',
] as const;

export type Phase = (typeof PHASES)[number];

/** A snapshot of how far a job is. Sent at most a few times a second. */
export interface Progress {
  readonly phase: Phase;
  readonly bytesDone: number;
  /** null while unknown. */
  readonly bytesTotal: number | null;
  readonly filesDone: number;
  readonly filesTotal: number | null;
  /** Smoothed over the last seconds; null until it can be estimated. */
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
}

/** In these everything is on the drive and right: stopping would only spoil it. */
export const UNSTOPPABLE_PHASES: readonly Phase[] = ['commit', 'eject'];
