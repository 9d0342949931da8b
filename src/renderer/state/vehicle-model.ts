import type { VehicleState, VehicleWay } from '../../shared/model/vehicle-state.ts';

/** What the person has entered on the vehicle screen. */
export interface VehicleDraft {
  readonly address: string;
  /** An address of this computer; null: the one that leads to the vehicle. */
  readonly network: string | null;
  readonly way: VehicleWay;
  /** ECUs that are not to be updated although they could be. */
  readonly leftOut: readonly string[];
}

export const NEW_DRAFT: VehicleDraft = { address: '', network: null, way: 'own', leftOut: [] };

export type VehicleAction =
  | { readonly type: 'vehicle'; readonly vehicle: VehicleState }
  | { readonly type: 'vehicle-edited'; readonly changes: Partial<VehicleDraft> }
  | { readonly type: 'ecu-taken'; readonly ecuId: string; readonly taken: boolean };
