import { isIP } from 'node:net';
import { builderError } from '../../shared/errors.ts';

/** Port of otaclient's gRPC interface. */
export const OTACLIENT_PORT = 50_051;

const MAX_PORT = 65_535;

/** Where the main ECU's otaclient listens. */
export interface VehicleAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Splits `HOST`, `HOST:PORT`, `ADDRESS6` and `[ADDRESS6]:PORT`; `localhost` becomes an address.
 * @returns null for what is none of them.
 */
export function splitAddress(
  argument: string,
  defaultPort: number,
): { host: string; port: number } | null {
  const isBare = isIP(argument) === 6;
  const [, bracketed, plain, port] =
    /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(isBare ? `[${argument}]` : argument) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || (bracketed !== undefined && isIP(bracketed) !== 6)) return null;
  const number = port === undefined ? defaultPort : Number(port);
  if (number > MAX_PORT) return null;
  return { host: host === 'localhost' ? '127.0.0.1' : host, port: number };
}

/** @throws `usage-vehicle-address` */
export function readVehicleAddress(argument: string): VehicleAddress {
  const address = splitAddress(argument, OTACLIENT_PORT);
  if (address === null || !/^[\w.:-]+$/.test(address.host) || address.port === 0)
    throw builderError('usage-vehicle-address', { argument });
  return address;
}
