import { toErrorData, type ErrorData } from '../errors.ts';
import type { OutputRequest } from './output-request.ts';
import { PHASES, type Phase, type Progress } from './progress.ts';

export const OUTCOME_STATES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;

export type OutcomeState = (typeof OUTCOME_STATES)[number];

/**
 * Why a drive that was to be refreshed was written as a whole: no filesystem of ours is on it; what is there is
 * damaged, unusual or too large to be looked at; a part of it could not be read; the new files would be cut into
 * many pieces; most of it is new.
 */
export const WHOLE_REASONS = [
  'not-ours',
  'unsound',
  'unreadable',
  'fragmented',
  'mostly-new',
] as const;

export type WholeReason = (typeof WHOLE_REASONS)[number];

/** What a refresh came to. Bytes of files, those that were repaired included. */
export type RefreshResult =
  | { readonly kind: 'refreshed'; readonly writtenBytes: number; readonly keptBytes: number }
  | { readonly kind: 'whole'; readonly reason: WholeReason };

/** What becomes of one output of a job. A job has one for each, in the order of its request. */
export interface Outcome {
  readonly request: OutputRequest;
  readonly state: OutcomeState;
  /** The phase it is in, or ended in; null before its first. */
  readonly phase: Phase | null;
  /** Why it failed or was cancelled; null in the other states. */
  readonly error: ErrorData | null;
  /** Whether a drive may hold something else than before; false for a file. */
  readonly driveModified: boolean;
  /** Bytes that the output spans; 0 before it is done. */
  readonly bytes: number;
  /** Every file was read back and is right. */
  readonly verified: boolean;
  readonly ejected: boolean;
  /** Of a drive that was to be refreshed, as soon as it is known. */
  readonly refresh?: RefreshResult | undefined;
}

/** Whether what a job writes is read back: a drive is, and a job with a drive is about the drive. */
export function isReadBack(outcomes: readonly Pick<Outcome, 'request'>[]): boolean {
  return outcomes.some(({ request }) => request.kind === 'drive');
}

/** An output of which nothing has begun. */
export function waitingOutcome(request: OutputRequest): Outcome {
  return {
    ...{ request, state: 'waiting', phase: null, error: null },
    ...{ driveModified: false, bytes: 0, verified: false, ejected: false },
  };
}

/** true while the output is neither complete nor given up. */
export function isOpen({ state }: Pick<Outcome, 'state'>): boolean {
  return state === 'waiting' || state === 'running';
}

/** An output that ends with an error, or by a cancel. */
export function withError(outcome: Outcome, error: unknown): Outcome {
  const data = toErrorData(error);
  return { ...outcome, state: data.code === 'cancelled' ? 'cancelled' : 'failed', error: data };
}

/** How an output ended. `saved`: written from proved contents, but not read back. */
export const RESULTS = ['verified', 'saved', 'cancelled', 'failed'] as const;

export type Result = (typeof RESULTS)[number];

/** How an output ended; `failed` also for one that has not. */
export function resultOf({ state, verified }: Pick<Outcome, 'state' | 'verified'>): Result {
  if (state === 'done') return verified ? 'verified' : 'saved';
  return state === 'cancelled' ? 'cancelled' : 'failed';
}

/**
 * How a build ended as a whole: by its drives, where it has some, else by its files. `partial`: some are
 * complete and others are not.
 */
export function overallResult(outcomes: readonly Outcome[]): Result | 'partial' {
  const drives = outcomes.filter(({ request }) => request.kind === 'drive');
  const results = new Set((drives.length > 0 ? drives : outcomes).map(resultOf));
  const [only] = results;
  if (only !== undefined && results.size === 1) return only;
  return results.has('verified') || results.has('saved') ? 'partial' : 'failed';
}

/** The outcomes of a job that has ended with an error: outputs that were open end with it. */
export function endOutcomes(outcomes: readonly Outcome[], error: unknown): readonly Outcome[] {
  return outcomes.map((outcome) => (isOpen(outcome) ? withError(outcome, error) : outcome));
}

/**
 * Position of the running output that the others wait for: the one in the earliest phase with the fewest
 * bytes. A drive comes before files, since a job with a drive is about the drive. null: none runs.
 * @param lanes progress of each output; null before its first phase.
 */
export function slowestLane(
  outcomes: readonly Outcome[],
  lanes: readonly (Progress | null)[],
): number | null {
  const rank = (index: number): [number, number, number] => {
    const { phase = 'inspect', bytesDone = 0 } = lanes[index] ?? {};
    const isFile = outcomes[index]?.request.kind !== 'drive';
    return [Number(isFile), PHASES.indexOf(phase), bytesDone];
  };
  let slowest: number | null = null;
  for (const [index, { state }] of outcomes.entries()) {
    if (state !== 'running' || lanes[index] === null) continue;
    if (slowest === null || isBefore(rank(index), rank(slowest))) slowest = index;
  }
  return slowest;
}

function isBefore(one: readonly number[], other: readonly number[]): boolean {
  for (const [i, number] of one.entries()) if (number !== other[i]) return number < (other[i] ?? 0);
  return false;
}
