import { BuilderError, builderError, type ErrorData } from '../../src/shared/errors.ts';
import type { NetworkAddress } from '../../src/shared/model/vehicle-state.ts';
import type { VehicleBackend, VehicleEvent } from '../../src/main/ipc/vehicle-backend.ts';
import type { Offered } from '../../src/main/vehicle/preflight.ts';
import type { Sight } from '../../src/main/vehicle/watch.ts';
import { trustOf } from '../../src/main/serve/trust.ts';

/** What is played of an image, a vehicle and an update. */
export interface VehicleScenario {
  readonly networks?: readonly NetworkAddress[];
  readonly offered?: readonly Offered[];
  readonly imageError?: ErrorData;
  /** Verifying stays there, 0 to 1. */
  readonly verifyingAt?: number;
  /** What the vehicle tells; nothing where it is not given. */
  readonly sight?: Sight;
  readonly events?: readonly VehicleEvent[];
  /** How the update ends after the events; where it is not given, it goes on until it is stopped. */
  readonly end?: 'done' | ErrorData;
}

const TOTAL = 709e6;
const CA = '/home/kim/.config/offline-ota-image-builder/vehicle-ca/ca.pem';

/** The vehicle's part of the played engine. */
export function playedVehicle(scenario: () => VehicleScenario): VehicleBackend {
  return {
    async openVehicleImage(_path, onProgress, signal) {
      const { verifyingAt, imageError, offered = [] } = scenario();
      if (verifyingAt !== undefined) {
        onProgress({
          ...{ phase: 'verify', bytesDone: TOTAL * verifyingAt, bytesTotal: TOTAL },
          ...{ filesDone: 0, filesTotal: null, bytesPerSecond: null, secondsLeft: null },
        });
        await aborted(signal);
      }
      if (imageError !== undefined) throw new BuilderError(imageError);
      return offered;
    },
    closeVehicleImage: () => Promise.resolve(null),
    networks: () => Promise.resolve(scenario().networks ?? []),
    trust: () => Promise.resolve(trustOf(CA)),
    async watchVehicle(_address, onSight, signal) {
      let last = '';
      while (!signal.aborted) {
        const { sight } = scenario();
        const text = JSON.stringify(sight);
        if (sight !== undefined && text !== last) onSight(sight);
        last = text;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return null;
    },
    async updateVehicle(_order, onEvent, signal) {
      const { events = [], end } = scenario();
      for (const event of events) onEvent(event);
      if (end === undefined) await aborted(signal);
      else if (end !== 'done') throw new BuilderError(end);
      return null;
    },
  };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  throw builderError('cancelled', {});
}
