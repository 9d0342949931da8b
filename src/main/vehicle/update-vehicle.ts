import type {
  Diagnosis,
  EcuOutcome,
  PlannedUpdate,
  StopAnswer,
} from '../../shared/model/vehicle.ts';
import type { ServeEvent } from '../serve/events.ts';
import { openServer, type OpenServer } from '../serve/open-server.ts';
import type { ServeOptions } from '../serve/options.ts';
import type { ServedImage } from '../serve/served-image.ts';
import type { TrafficFacts } from '../serve/traffic.ts';
import type { VehicleAddress } from './address.ts';
import type { VehicleClient } from './client.ts';
import { Diagnoser } from './diagnosis.ts';
import { localAddressTowards } from './local-address.ts';
import { preflight, selectOffered } from './preflight.ts';
import { runUpdate } from './run-update.ts';
import type { Sight } from './watch.ts';

export interface UpdateOrder {
  readonly address: VehicleAddress;
  /** Of the image only these; empty: all. */
  readonly ecuIds: readonly string[];
  /** Without an address: at the one that faces the vehicle. */
  readonly serve: ServeOptions;
}

/** What happens while a vehicle is updated. */
export type UpdateEvent =
  /** The vehicle took the update for at least one ECU, or (false) its answer was lost. */
  | { readonly kind: 'triggered'; readonly isCertain: boolean }
  | Sight
  /** All that is so now; comes after each look. */
  | { readonly kind: 'diagnoses'; readonly found: readonly Diagnosis[] }
  | { readonly kind: 'outcome'; readonly ecuId: string; readonly outcome: EcuOutcome }
  | { readonly kind: 'stopped'; readonly answer: StopAnswer };

/** Who updates: what asks the person and tells of it. */
export interface UpdateHost {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly onPlan: (planned: readonly PlannedUpdate[]) => void;
  readonly onServer: (server: OpenServer) => void;
  /** Rejects where the person does not agree. */
  readonly confirm: (planned: readonly PlannedUpdate[]) => Promise<void>;
  readonly onRequest: (event: ServeEvent) => void;
  /** What became of the requests so far. */
  readonly facts: () => TrafficFacts;
  readonly onEvent: (event: UpdateEvent) => void;
}

/**
 * Updates ECUs of a vehicle from a proved image: looks whether it can work, serves, asks, triggers, and stays until
 * each ECU is done.
 * @returns the outcome of each ECU.
 * @throws as `preflight`, `openServer` and `runUpdate`.
 */
export async function updateVehicle(
  image: ServedImage,
  client: VehicleClient,
  order: UpdateOrder,
  host: UpdateHost,
): Promise<ReadonlyMap<string, EcuOutcome>> {
  const { signal, onEvent } = host;
  const offered = selectOffered(image.catalogue.images, order.ecuIds);
  const before = await client.status(signal);
  const planned = preflight(offered, before);
  host.onPlan(planned);
  const address = order.serve.address ?? (await localAddressTowards(order.address, signal));
  const server = await openServer(image, { ...order.serve, address }, host.env, host.onRequest);
  try {
    host.onServer(server);
    await host.confirm(planned);
    const isMeant = (ecuId: string): boolean => planned.some((each) => each.ecuId === ecuId);
    const diagnoser = new Diagnoser(host.facts);
    return await runUpdate({
      ...{ client, before: before.ecus, signal },
      requests: server.updates.filter(({ ecuId }) => isMeant(ecuId)),
      onAccepted(isCertain) {
        diagnoser.accepted();
        onEvent({ kind: 'triggered', isCertain });
      },
      onSight(sight) {
        onEvent(sight);
        onEvent({ kind: 'diagnoses', found: diagnoser.see(sight) });
      },
      onOutcome: (ecuId, outcome) => onEvent({ kind: 'outcome', ecuId, outcome }),
      onStopped: (answer) => onEvent({ kind: 'stopped', answer }),
    });
  } finally {
    await server.close();
  }
}
