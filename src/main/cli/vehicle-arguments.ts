import { builderError } from '../../shared/errors.ts';
import type { VehicleAddress } from '../vehicle/client.ts';
import { splitAddress } from './serve-arguments.ts';

export interface LookCommand {
  readonly kind: 'vehicle';
  readonly action: 'status' | 'watch';
  readonly address: VehicleAddress;
}

/** Port of otaclient; as a number of its own, so that the arguments are read without gRPC. */
const OTACLIENT_PORT = 50_051;

/** @throws the `usage-…` errors. */
export function readVehicleCommand(words: readonly string[]): LookCommand {
  const [action, address, ...more] = words;
  if ((action !== 'status' && action !== 'watch') || more.length > 0)
    throw builderError('usage-option', { detail: `vehicle ${words.join(' ')}` });
  return { kind: 'vehicle', action, address: readVehicleAddress(address ?? '') };
}

/** @throws `usage-vehicle-address` */
export function readVehicleAddress(argument: string): VehicleAddress {
  const address = splitAddress(argument, OTACLIENT_PORT);
  if (address === null || !/^[\w.:-]+$/.test(address.host) || address.port === 0)
    throw builderError('usage-vehicle-address', { argument });
  return address;
}
