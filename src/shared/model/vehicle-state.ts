import type { ErrorData } from '../errors.ts';
import type { Progress } from './progress.ts';
import type {
  Diagnosis,
  EcuOutcome,
  EcuStatus,
  PlannedUpdate,
  Speed,
  StopAnswer,
} from './vehicle.ts';

/**
 * How a vehicle comes to the files. `own`: its own proxy is on, so it asks over HTTPS; `off`: its proxy is off;
 * `upper`: this computer is the upper proxy of its own.
 */
export const VEHICLE_WAYS = ['own', 'off', 'upper'] as const;
export type VehicleWay = (typeof VEHICLE_WAYS)[number];

/** One address of this computer, with the name that the system gives its connection. */
export interface NetworkAddress {
  readonly name: string;
  readonly address: string;
}

/** What the chosen image has for one ECU. */
export interface OfferedEcu {
  readonly ecuId: string;
  readonly version: string;
  /** Why the vehicle that is connected cannot have it; null where it can, or none is connected. */
  readonly refusal: ErrorData | null;
}

/** The finished image that vehicles are updated from. */
export interface VehicleImage {
  readonly path: string;
  readonly state: 'verifying' | 'ready' | 'failed';
  readonly progress: Progress | null;
  readonly ecus: readonly OfferedEcu[];
  readonly error: ErrorData | null;
}

export interface SeenEcu {
  readonly status: EcuStatus;
  readonly speed: Speed;
}

/** The vehicle that is watched. */
export interface VehicleLink {
  /** As the person typed it. */
  readonly address: string;
  /** Whether it ever answered. */
  readonly seen: boolean;
  /** As they were when the vehicle last answered. */
  readonly ecus: readonly SeenEcu[];
  /** Known to the main ECU, and silent. */
  readonly silent: readonly string[];
  /** Why it does not answer now. */
  readonly error: ErrorData | null;
}

export interface RunEcu extends PlannedUpdate {
  readonly outcome: EcuOutcome | null;
}

/** An update that runs or has ended. */
export interface VehicleRun {
  readonly state: 'running' | 'stopping' | 'done' | 'stopped' | 'failed';
  readonly way: VehicleWay;
  /** Where it is served; null before. */
  readonly server: { readonly address: string; readonly port: number } | null;
  /** Whether the vehicle was asked to update. */
  readonly triggered: boolean;
  readonly ecus: readonly RunEcu[];
  readonly diagnoses: readonly Diagnosis[];
  /** Bytes that vehicles were sent. */
  readonly sentBytes: number;
  readonly stopAnswer: StopAnswer | null;
  readonly error: ErrorData | null;
}

/** All that the vehicle screen shows. The main process keeps it, so that a page that is loaded again has it, too. */
export interface VehicleState {
  readonly image: VehicleImage | null;
  readonly link: VehicleLink | null;
  readonly run: VehicleRun | null;
}

export const NO_VEHICLE: VehicleState = { image: null, link: null, run: null };

export function isUpdating({ run }: Pick<VehicleState, 'run'>): boolean {
  return run?.state === 'running' || run?.state === 'stopping';
}

/** Whether each ECU of an update that has ended has its new version. */
export function isUpdated({ state, ecus }: VehicleRun): boolean {
  return state === 'done' && ecus.every(({ outcome }) => outcome?.kind === 'updated');
}
