import {
  ECU_STATES,
  UPDATE_PHASES,
  type EcuStatus,
  type VehicleStatus,
} from '../../shared/model/vehicle.ts';
import type { WireStatus } from './protocol.ts';

/**
 * More ECUs than any vehicle has. What answers at an address may be no vehicle at all: a message of some MiB has room
 * for a million, and each look at them is shown.
 */
export const MAX_ECUS = 256;
/** Characters of an id or version. */
const MAX_NAME = 255;
/** Characters of a failure reason; it is followed by a traceback, which is not taken. */
const MAX_REASON = 4096;

/** What an answer says, in bounds: longer texts are cut, and more ECUs are left out. */
export function toVehicleStatus({ ecuIds, ecus }: WireStatus): VehicleStatus {
  return {
    ecuIds: ecuIds.slice(0, MAX_ECUS).map(asName),
    ecus: ecus.slice(0, MAX_ECUS).map(toEcuStatus),
  };
}

function toEcuStatus(wire: WireStatus['ecus'][number]): EcuStatus {
  const { updateStatus } = wire;
  return {
    ecuId: asName(wire.ecuId),
    version: asName(wire.version),
    clientVersion: asName(wire.clientVersion),
    failureReason: wire.failureReason.slice(0, MAX_REASON),
    state: ECU_STATES[wire.state] ?? 'unknown',
    recoverable: wire.failureType !== 2,
    progress:
      updateStatus === null
        ? null
        : {
            ...updateStatus,
            version: asName(updateStatus.version),
            phase: UPDATE_PHASES[updateStatus.phase] ?? 'unknown',
          },
  };
}

function asName(text: string): string {
  return text.slice(0, MAX_NAME);
}
