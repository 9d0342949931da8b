/** Phases of a job in the order in which they can occur; each occurs at most once per job. */
export const PHASES = [
  'inspect',
  'check',
  'look',
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

/**
 * How much of a whole job is done, from 0 to 1. Where what was written is read back, that is as many bytes again and
 * counts as much. null while that cannot be measured: before the first byte is written, and while a file is flushed.
 */
export function overallFraction(
  progress: Pick<Progress, 'phase' | 'bytesDone' | 'bytesTotal'> | null,
  readsBack: boolean,
): number | null {
  if (progress === null) return null;
  const { phase, bytesDone, bytesTotal } = progress;
  const part = bytesTotal === null || bytesTotal === 0 ? 0 : bytesDone / bytesTotal;
  switch (phase) {
    case 'inspect':
    case 'check':
    case 'look':
      return null;
    case 'prepare':
      return 0;
    case 'write':
      return readsBack ? part / 2 : part;
    case 'flush':
      return readsBack ? 0.5 : null;
    case 'verify':
      return readsBack ? (1 + part) / 2 : part;
    case 'commit':
    case 'eject':
      return 1;
  }
}
