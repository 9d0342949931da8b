import { z } from 'zod';
import { command } from './ipc-command.ts';
import { path } from './model-schemas.ts';
import { VEHICLE_WAYS } from './model/vehicle-state.ts';

/** Longest name of a host (RFC 1035), with a port. */
const MAX_ADDRESS = 260;
/** More ECUs than any vehicle has. */
const MAX_ECUS = 64;
const MAX_ECU_ID = 255;

const none = z.undefined();
const done = z.null();

/** What the vehicle screen asks of main. `vehicle` events say what comes of it. */
export const vehicleCommands = {
  /** A `vehicle` event with the state as it is now follows. */
  'vehicle.show': command(none, done),
  /** Verifies a finished image, in the place of the one that was chosen before. */
  'vehicle.openImage': command(z.strictObject({ path }), done),
  'vehicle.closeImage': command(none, done),
  /** Addresses of this computer that a vehicle could reach. */
  'vehicle.networks': command(
    none,
    z.array(z.object({ name: z.string(), address: z.string() })).readonly(),
  ),
  /** The CA that a vehicle has to trust, and the command by which it does; the CA is made where there is none. */
  'vehicle.trust': command(none, z.object({ install: z.string(), remove: z.string() })),
  /** Watches the vehicle of a main ECU until `vehicle.disconnect`. */
  'vehicle.connect': command(z.strictObject({ address: z.string().max(MAX_ADDRESS) }), done),
  'vehicle.disconnect': command(none, done),
  /** Serves the image and updates these ECUs of the connected vehicle. `network`: null is the one that leads to it. */
  'vehicle.update': command(
    z.strictObject({
      ecuIds: z.array(z.string().min(1).max(MAX_ECU_ID)).min(1).max(MAX_ECUS),
      network: z.union([z.ipv4(), z.ipv6()]).nullable(),
      way: z.enum(VEHICLE_WAYS),
    }),
    done,
  ),
  /** Asks the vehicle to stop, and ends the serving. */
  'vehicle.stop': command(none, done),
  /** Forgets an update that has ended. */
  'vehicle.dismiss': command(none, done),
} as const;
