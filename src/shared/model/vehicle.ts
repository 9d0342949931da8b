/** What an ECU does, in the order of the numbers on the wire. */
export const ECU_STATES = [
  'initialized',
  'success',
  'failure',
  'updating',
  'rollbacking',
  'rollback-failure',
  'client-updating',
  'aborting',
  'aborted',
] as const;
export type EcuState = (typeof ECU_STATES)[number] | 'unknown';

/** Phases of an update, in the order of the numbers on the wire. */
export const UPDATE_PHASES = [
  'initializing',
  'metadata',
  'delta',
  'downloading',
  'applying',
  'post-update',
  'finalizing',
  'client',
] as const;
export type UpdatePhase = (typeof UPDATE_PHASES)[number] | 'unknown';

export interface EcuProgress {
  /** The one that is being installed. */
  readonly version: string;
  /** Unix seconds of the vehicle's clock, which may be wrong; tells one update from another. */
  readonly started: number;
  readonly phase: UpdatePhase;
  readonly files: number;
  readonly downloadBytes: number;
  readonly downloadedBytes: number;
  readonly downloadErrors: number;
  readonly processedFiles: number;
}

export interface EcuStatus {
  readonly ecuId: string;
  readonly version: string;
  readonly clientVersion: string;
  readonly state: EcuState;
  /** Begins with a code such as E203; empty: none. */
  readonly failureReason: string;
  readonly recoverable: boolean;
  /** Also after a success; null where the ECU tells nothing. */
  readonly progress: EcuProgress | null;
}

export interface VehicleStatus {
  /** Those that the main ECU knows, whether they answer or not. */
  readonly ecuIds: readonly string[];
  /** Those that answer. */
  readonly ecus: readonly EcuStatus[];
}

/** 0 to 1 within the phase; null where nothing tells it. */
export function phaseFraction({
  phase,
  files,
  downloadBytes,
  downloadedBytes,
  processedFiles,
}: EcuProgress): number | null {
  if (phase === 'downloading' && downloadBytes > 0)
    return Math.min(1, downloadedBytes / downloadBytes);
  if ((phase === 'applying' || phase === 'delta') && files > 0)
    return Math.min(1, processedFiles / files);
  return null;
}
