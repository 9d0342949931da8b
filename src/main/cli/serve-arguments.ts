import { isIP } from 'node:net';
import { builderError } from '../../shared/errors.ts';
import { DEFAULT_PORT, isEverywhere, type ServeOptions } from '../serve/options.ts';
import { splitAddress } from '../vehicle/address.ts';

export interface ServeCommand {
  readonly kind: 'serve';
  /** As given. */
  readonly image: string;
  readonly serve: ServeOptions;
}

/** The values of `parseArgs` that say how to serve. */
export interface ServeValues {
  readonly listen?: string | undefined;
  readonly 'tls-cert'?: string | undefined;
  readonly 'tls-key'?: string | undefined;
  readonly 'tls-self'?: boolean | undefined;
  readonly cookie?: string | undefined;
  readonly 'no-cookie'?: boolean | undefined;
}

/** @throws the `usage-…` errors. */
export function readServeOptions(values: ServeValues): ServeOptions {
  const { address, port } = values.listen === undefined ? NOWHERE : readListen(values.listen);
  return { address, port, tls: readTls(values), cookie: readCookieChoice(values) };
}

const NOWHERE = { address: null, port: DEFAULT_PORT };

function readListen(argument: string): { address: string; port: number } {
  const place = splitAddress(argument, DEFAULT_PORT);
  if (place === null || isIP(place.host) === 0)
    throw builderError('usage-option', { detail: `--listen: ${argument}` });
  if (isEverywhere(place.host))
    throw builderError('usage-listen-everywhere', { address: place.host });
  return { address: place.host, port: place.port };
}

function readTls(values: ServeValues): ServeOptions['tls'] {
  const { 'tls-cert': certificate, 'tls-key': key, 'tls-self': self } = values;
  if ((certificate === undefined) !== (key === undefined)) throw builderError('usage-tls-pair', {});
  if (certificate === undefined || key === undefined) return self === true ? 'self' : 'off';
  if (self === true) throw builderError('usage-tls-twice', {});
  return { certificate, key };
}

function readCookieChoice({ cookie, 'no-cookie': none }: ServeValues): ServeOptions['cookie'] {
  if (none !== true) return cookie === undefined ? 'random' : { pair: cookie };
  if (cookie !== undefined) throw builderError('usage-cookie-twice', {});
  return 'none';
}
