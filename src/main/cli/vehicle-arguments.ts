import { builderError } from '../../shared/errors.ts';
import type { ServeOptions } from '../serve/options.ts';
import { readVehicleAddress, type VehicleAddress } from '../vehicle/address.ts';
import { readServeOptions, type ServeValues } from './serve-arguments.ts';

export interface LookCommand {
  readonly kind: 'vehicle';
  readonly action: 'status' | 'watch';
  readonly address: VehicleAddress;
}

export interface UpdateCommand {
  readonly kind: 'vehicle-update';
  readonly address: VehicleAddress;
  /** As given. */
  readonly image: string;
  /** Of the image only these; empty: all. */
  readonly ecuIds: readonly string[];
  readonly serve: ServeOptions;
  readonly confirmed: boolean;
}

interface UpdateValues extends ServeValues {
  readonly image?: readonly string[] | undefined;
  readonly ecu?: readonly string[] | undefined;
  readonly 'confirm-update'?: boolean | undefined;
}

/** @throws the `usage-…` errors. */
export function readVehicleCommand(
  words: readonly string[],
  values: UpdateValues,
): LookCommand | UpdateCommand {
  const [action, address, ...more] = words;
  if (action === 'update' && more.length === 0) {
    const [image, ...others] = values.image ?? [];
    if (image === undefined || others.length > 0) throw builderError('usage-one-image', {});
    return {
      kind: 'vehicle-update',
      ...{ address: readVehicleAddress(address ?? ''), image, ecuIds: values.ecu ?? [] },
      ...{ serve: readServeOptions(values), confirmed: values['confirm-update'] === true },
    };
  }
  if ((action !== 'status' && action !== 'watch') || more.length > 0)
    throw builderError('usage-option', { detail: `vehicle ${words.join(' ')}` });
  return { kind: 'vehicle', action, address: readVehicleAddress(address ?? '') };
}
