import { builderError } from '../../shared/errors.ts';
import { ecuUpdates, type EcuUpdate } from './base-url.ts';
import { randomCookie, readCookie, type AccessCookie } from './cookie.ts';
import type { ServeEvent } from './events.ts';
import type { TlsIdentity } from './one-port.ts';
import { isEverywhere, type ServeOptions } from './options.ts';
import type { ServedImage } from './served-image.ts';
import { startServer } from './server.ts';
import { readTlsFiles } from './tls-files.ts';
import { authorityFolder, trustOf, type Trust } from './trust.ts';

export interface OpenServer {
  readonly address: string;
  readonly port: number;
  readonly scheme: 'http' | 'https';
  readonly updates: readonly EcuUpdate[];
  /** What an ECU has to trust; null where that is not a CA of ours. */
  readonly authority: (Trust & { readonly isNew: boolean }) | null;
  readonly hasCookie: boolean;
  close(): Promise<void>;
}

/**
 * Serves an image as the options say.
 * @throws `usage-cookie`, `usage-listen-everywhere`, the `serve-…` errors.
 */
export async function openServer(
  served: ServedImage,
  options: ServeOptions & { readonly address: string },
  env: NodeJS.ProcessEnv,
  onEvent: (event: ServeEvent) => void,
): Promise<OpenServer> {
  const { address, port } = options;
  if (isEverywhere(address)) throw builderError('usage-listen-everywhere', { address });
  const cookie = cookieOf(options.cookie);
  const { tls, authority } = await identityOf(options, env);
  const server = await startServer({ image: served, address, port, tls, cookie, onEvent });
  const scheme = tls === null ? 'http' : 'https';
  const updates = ecuUpdates({ ...server, scheme }, served.catalogue, cookie);
  return { ...server, scheme, updates, authority, hasCookie: cookie !== null };
}

function cookieOf(choice: ServeOptions['cookie']): AccessCookie | null {
  if (choice === 'none') return null;
  if (choice === 'random') return randomCookie();
  const cookie = readCookie(choice.pair);
  if (cookie === null) throw builderError('usage-cookie', { argument: choice.pair });
  return cookie;
}

async function identityOf(
  { tls, address }: ServeOptions & { readonly address: string },
  env: NodeJS.ProcessEnv,
): Promise<Pick<OpenServer, 'authority'> & { readonly tls: TlsIdentity | null }> {
  if (tls === 'off') return { tls: null, authority: null };
  if (tls !== 'self') return { tls: await readTlsFiles(tls.certificate, tls.key), authority: null };
  // Making certificates takes a library that is slow to load.
  const { ownIdentity } = await import('./own-authority.ts');
  const { authorityPath, isNew, ...identity } = await ownIdentity(authorityFolder(env), address);
  return { tls: identity, authority: { ...trustOf(authorityPath), isNew } };
}
