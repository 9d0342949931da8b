/**
 * What the launcher prints when one of its writers has ended: one line of JSON on standard error. The app reads
 * it while others still run, where the way of elevation passes output on at once, else when the launcher has ended.
 */
export interface LauncherReport {
  /** Name of the writer's job file. */
  readonly ended: string;
  /** Exit status; null after a signal. */
  readonly status: number | null;
  /** What the writer said on standard error. */
  readonly words: string;
}

/** More than a writer has to say. Characters. */
export const MAX_WORDS = 2_000;

const START = '{"ended":';

/** A line without its end. */
export function encodeReport({ ended, status, words }: LauncherReport): string {
  return JSON.stringify({ ended, status, words });
}

/** null for any other line: programs between launcher and app may print what they like. */
export function decodeReport(line: string): LauncherReport | null {
  if (!line.startsWith(START)) return null;
  try {
    const { ended, status, words } = JSON.parse(line) as Record<string, unknown>;
    if (typeof ended !== 'string' || typeof words !== 'string') return null;
    return { ended, status: typeof status === 'number' ? status : null, words };
  } catch {
    return null;
  }
}
