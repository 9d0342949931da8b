import type { vehicleCommands } from '../../shared/vehicle-commands.ts';
import { builderError } from '../../shared/errors.ts';
import type { Backend } from './backend.ts';
import type { Handlers } from './router.ts';
import type { VehicleRunner } from './vehicle-runner.ts';

interface Context {
  readonly backend: Backend;
  readonly vehicle: VehicleRunner;
}

/** What the vehicle screen asks for. */
export function vehicleHandlers({
  backend,
  vehicle,
}: Context): Pick<Handlers, keyof typeof vehicleCommands> {
  return {
    'vehicle.show': () => {
      vehicle.tell();
      return null;
    },
    'vehicle.openImage': ({ path }) => {
      vehicle.openImage(path);
      return null;
    },
    'vehicle.closeImage': () => {
      vehicle.closeImage();
      return null;
    },
    'vehicle.networks': () => backend.networks(),
    'vehicle.trust': async () => {
      const { install, remove } = await backend.trust();
      return { install, remove };
    },
    'vehicle.connect': ({ address }) => {
      vehicle.connect(address.trim());
      return null;
    },
    'vehicle.disconnect': () => {
      vehicle.disconnect();
      return null;
    },
    'vehicle.update': async (request) => {
      const { network } = request;
      const networks = await backend.networks();
      // The page may name one that this computer has, and neither all of them nor another one.
      if (network !== null && !networks.some(({ address }) => address === network))
        throw builderError('serve-address-unavailable', { address: network });
      vehicle.update(request);
      return null;
    },
    'vehicle.stop': () => {
      vehicle.stop();
      return null;
    },
    'vehicle.dismiss': () => {
      vehicle.dismiss();
      return null;
    },
  };
}
