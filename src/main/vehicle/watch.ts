import { setTimeout as sleep } from 'node:timers/promises';
import { BuilderError, type ErrorData } from '../../shared/errors.ts';
import type { VehicleStatus } from '../../shared/model/vehicle.ts';
import type { VehicleClient } from './client.ts';

/** Milliseconds between two questions. */
export const POLL_PERIOD = 1_000;

/** What was found at one moment. */
export type Sight =
  | { readonly kind: 'status'; readonly status: VehicleStatus }
  /** The main ECU does not answer now: it restarts, for example. */
  | { readonly kind: 'unreachable'; readonly error: ErrorData };

/** Looks at a vehicle again and again until `signal`; what does not answer is asked again. */
export async function* watchVehicle(
  client: Pick<VehicleClient, 'status'>,
  signal: AbortSignal,
  period = POLL_PERIOD,
): AsyncGenerator<Sight> {
  for (;;) {
    yield await look(client, signal);
    await sleep(period, undefined, { signal });
  }
}

async function look(client: Pick<VehicleClient, 'status'>, signal: AbortSignal): Promise<Sight> {
  try {
    return { kind: 'status', status: await client.status(signal) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof BuilderError)) throw error;
    return { kind: 'unreachable', error: error.data };
  }
}
