import { networkInterfaces } from 'node:os';
import { BuilderError, builderError } from '../../shared/errors.ts';
import type { Progress } from '../../shared/model/progress.ts';
import type { PlannedUpdate } from '../../shared/model/vehicle.ts';
import type { NetworkAddress } from '../../shared/model/vehicle-state.ts';
import { proveImage, type ProvedImage } from '../serve/prove-image.ts';
import { Traffic } from '../serve/traffic.ts';
import { authorityFolder, trustOf, type Trust } from '../serve/trust.ts';
import type { VehicleAddress } from '../vehicle/address.ts';
import type { VehicleClient } from '../vehicle/client.ts';
import type { Offered } from '../vehicle/preflight.ts';
import type { UpdateEvent, UpdateHost, UpdateOrder } from '../vehicle/update-vehicle.ts';
import type { Sight } from '../vehicle/watch.ts';

/** What a running update reports to the app. */
export type VehicleEvent =
  | UpdateEvent
  | { readonly kind: 'plan'; readonly ecus: readonly PlannedUpdate[] }
  | { readonly kind: 'server'; readonly address: string; readonly port: number }
  | { readonly kind: 'traffic'; readonly bytes: number };

/** Where the port that is wanted is taken, any other does: but not where the vehicle's settings name it. */
export interface AppUpdateOrder extends UpdateOrder {
  readonly anyPort: boolean;
}

/** Serving and updating a vehicle, as the app's port has it: in the worker, with the rights of the person. */
export interface VehicleBackend {
  /** Verifies a finished image and keeps it open, in the place of the one before. */
  openVehicleImage(
    path: string,
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<readonly Offered[]>;
  closeVehicleImage(): Promise<null>;
  networks(): Promise<readonly NetworkAddress[]>;
  trust(): Promise<Trust>;
  /** Reports what the vehicle tells until aborted. */
  watchVehicle(
    address: VehicleAddress,
    onSight: (sight: Sight) => void,
    signal: AbortSignal,
  ): Promise<null>;
  /** Resolves when each ECU is done, whichever way. */
  updateVehicle(
    order: AppUpdateOrder,
    onEvent: (event: VehicleEvent) => void,
    signal: AbortSignal,
  ): Promise<null>;
}

/** The vehicle's part of the backend. */
export function vehicleCalls(env: NodeJS.ProcessEnv = process.env): VehicleBackend {
  let open: ProvedImage | null = null;
  const close = async (): Promise<null> => {
    const former = open;
    open = null;
    await former?.close();
    return null;
  };
  return {
    openVehicleImage: async (path, onProgress, signal) => {
      await close();
      const proved = await proveImage(path, { signal, onProgress });
      if (signal.aborted) {
        await proved.close();
        throw builderError('cancelled', {});
      }
      open = proved;
      return proved.served.catalogue.images.map(({ ecuId, version, format, releaseKey }) => ({
        ...{ ecuId, version, format, releaseKey },
      }));
    },
    closeVehicleImage: close,
    networks: () => Promise.resolve(outwardAddresses()),
    trust: async () => {
      const { ownAuthority } = await import('../serve/own-authority.ts');
      return trustOf((await ownAuthority(authorityFolder(env))).authorityPath);
    },
    watchVehicle: (address, onSight, signal) =>
      withClient(address, async (client) => {
        const { watchVehicle } = await import('../vehicle/watch.ts');
        try {
          for await (const sight of watchVehicle(client, signal)) onSight(sight);
        } catch (error) {
          if (!signal.aborted) throw error;
        }
        return null;
      }),
    updateVehicle: (order, onEvent, signal) =>
      withClient(order.address, async (client) => {
        if (open === null) throw new Error('no image is open');
        const { served } = open;
        const { updateVehicle } = await import('../vehicle/update-vehicle.ts');
        const host = hostOf(onEvent, env, signal);
        try {
          await updateVehicle(served, client, order, host);
        } catch (error) {
          const isTaken = error instanceof BuilderError && error.code === 'serve-port-in-use';
          if (!isTaken || !order.anyPort) throw error;
          const serve = { ...order.serve, port: 0 };
          await updateVehicle(served, client, { ...order, serve }, host);
        }
        return null;
      }),
  };
}

/** gRPC is loaded only when a vehicle is asked for. */
async function withClient<T>(
  address: VehicleAddress,
  work: (client: VehicleClient) => Promise<T>,
): Promise<T> {
  const { VehicleClient: Client } = await import('../vehicle/client.ts');
  const client = new Client(address);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** The page has asked the person already. */
function hostOf(
  onEvent: (event: VehicleEvent) => void,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): UpdateHost {
  const traffic = new Traffic();
  return {
    ...{ env, signal },
    onPlan: (ecus) => onEvent({ kind: 'plan', ecus }),
    onServer: ({ address, port }) => onEvent({ kind: 'server', address, port }),
    confirm: () => Promise.resolve(),
    onRequest: (event) => traffic.add(event),
    facts: () => traffic.facts,
    onEvent(event) {
      onEvent(event);
      // With each look: requests are thousands a second.
      if (event.kind === 'diagnoses') onEvent({ kind: 'traffic', bytes: traffic.facts.bytes });
    },
  };
}

/** Without addresses of this computer alone, and without those that count on one cable only (they need its name). */
function outwardAddresses(): NetworkAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.flatMap(({ address, internal }) =>
      internal || /^fe[89ab]/i.test(address) ? [] : [{ name, address }],
    ),
  );
}
