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

/** Bytes per second and seconds left of a download; null where nothing tells it. */
export interface Speed {
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
}

/** 0 to 1 within the phase; null where nothing tells it. */
export function phaseFraction({
  phase,
  files,
  downloadBytes,
  downloadedBytes,
  processedFiles,
}: EcuProgress): number | null {
  if (phase === 'downloading' && downloadBytes > 0) return within(downloadedBytes / downloadBytes);
  if ((phase === 'applying' || phase === 'delta') && files > 0)
    return within(processedFiles / files);
  return null;
}

/** A vehicle may tell any number. */
function within(fraction: number): number {
  return Math.min(1, Math.max(0, fraction));
}

/** What will become of an ECU. */
export interface PlannedUpdate {
  readonly ecuId: string;
  readonly from: string;
  readonly to: string;
}

/** How an ECU's update ended. */
export type EcuOutcome =
  | { readonly kind: 'updated' }
  | {
      readonly kind: 'failed';
      /** `not-started`: accepted and never begun; `silent`: it does not answer any more. */
      readonly reason:
        'refused' | 'failure' | 'other-version' | 'not-started' | 'silent' | 'stopped';
      /** What otaclient says of it, or the version that it has. */
      readonly detail: string;
    };

/** What probably is in the way of an update, as a key of texts. */
export type Diagnosis =
  | 'no-request'
  | 'tls-off'
  | 'tls-failed'
  | 'cookie'
  | 'host'
  | 'not-found'
  | 'unreadable'
  | 'asleep'
  | 'stalled'
  | 'cache-off';

/** What a vehicle answers to the order to stop. `unknown`: its otaclient has no such command. */
export type StopAnswer = 'accepted' | 'refused' | 'unknown';

/** What a failure reason of otaclient means, as a key of texts. */
export type FailureMeaning =
  | 'network'
  | 'image'
  | 'cookies'
  | 'bsp'
  | 'recoverable'
  | 'space'
  | 'certificate'
  | 'unrecoverable'
  | 'other';

const BY_CODE: Readonly<Record<string, FailureMeaning>> = {
  E203: 'image',
  E204: 'cookies',
  E208: 'bsp',
  E307: 'space',
  E309: 'certificate',
};
const BY_CLASS: Readonly<Record<string, FailureMeaning>> = {
  E1: 'network',
  E2: 'recoverable',
  E3: 'unrecoverable',
};

/** Its text begins with a letter and three digits; the first one says of which kind it is. */
export function failureMeaning(reason: string): FailureMeaning {
  const [code = ''] = /^E\d{3}/.exec(reason.trim()) ?? [];
  return BY_CODE[code] ?? BY_CLASS[code.slice(0, 2)] ?? 'other';
}
