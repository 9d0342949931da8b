import { isIP } from 'node:net';
import { builderError } from '../../shared/errors.ts';

/** How a finished image is to be served. */
export interface ServeOptions {
  /** null: chosen by the command. */
  readonly address: string | null;
  readonly port: number;
  readonly tls: 'off' | 'self' | { readonly certificate: string; readonly key: string };
  /** `pair`: as `NAME=VALUE`. */
  readonly cookie: 'random' | 'none' | { readonly pair: string };
}

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

/** Above those that need rights, and the one that is often used for HTTPS beside 443. */
const DEFAULT_PORT = 8443;
const MAX_PORT = 65_535;
/** All interfaces at once, in every spelling. */
const EVERYWHERE = /^(0+(\.0+)*|[0:]+)$/;

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
  if (EVERYWHERE.test(place.host))
    throw builderError('usage-listen-everywhere', { address: place.host });
  return { address: place.host, port: place.port };
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
