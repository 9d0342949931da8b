import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { builderError } from '../../shared/errors.ts';
import { checkFinished, settleEarly, type JobContext } from '../jobs/index.ts';
import { ecuUpdates, type EcuUpdate } from '../serve/base-url.ts';
import { randomCookie, readCookie, type AccessCookie } from '../serve/cookie.ts';
import type { ServeEvent } from '../serve/events.ts';
import { openServed } from '../serve/open-served.ts';
import type { TlsIdentity } from '../serve/one-port.ts';
import type { ServedImage } from '../serve/served-image.ts';
import { startServer } from '../serve/server.ts';
import { readTlsFiles } from '../serve/tls-files.ts';
import type { LiveOutput } from './live-output.ts';
import type { Reporter } from './reporter.ts';
import type { ServeOptions } from './serve-arguments.ts';

/** An image that was verified. */
export interface ProvedImage {
  readonly served: ServedImage;
  close(): Promise<void>;
}

/**
 * Opens a finished image and verifies every byte of it, since clients and caches trust what they are given.
 * @throws `verify-failed`, and what opening it finds.
 */
export async function proveImage(
  path: string,
  context: JobContext,
  reporter: Reporter,
): Promise<ProvedImage> {
  const image = await openServed(path, context.signal);
  try {
    const report = await settleEarly(context, (own) => checkFinished(image.image, own));
    reporter.checked(report);
    const { target, complete, faultCount: faults, faults: kept } = report;
    if (!complete)
      throw builderError('verify-failed', { target, faults, first: kept[0]?.path ?? '' });
    return { served: await image.serve(context.signal), close: () => image.close() };
  } catch (error) {
    await image.close();
    throw error;
  }
}

export interface OpenServer {
  readonly address: string;
  readonly port: number;
  readonly scheme: 'http' | 'https';
  readonly updates: readonly EcuUpdate[];
  close(): Promise<void>;
}

/** Starts serving as the arguments say, and tells people what they need for it. */
export async function openServer(
  { served }: ProvedImage,
  options: ServeOptions & { readonly address: string },
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  output: LiveOutput,
  onEvent: (event: ServeEvent) => void,
): Promise<OpenServer> {
  const { address, port } = options;
  const { t } = output.translator;
  const cookie = cookieOf(options.cookie);
  const tls = await identityOf(options, cwd, env, output);
  const server = await startServer({ image: served, address, port, tls, cookie, onEvent });
  const scheme = tls === null ? 'http' : 'https';
  const updates = ecuUpdates({ ...server, scheme }, served.catalogue, cookie);
  if (tls === null) output.warning(t('serve.http-only'));
  if (cookie === null) output.warning(t('serve.no-cookie'));
  return { ...server, scheme, updates };
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
  cwd: string,
  env: NodeJS.ProcessEnv,
  output: LiveOutput,
): Promise<TlsIdentity | null> {
  if (tls === 'off') return null;
  if (tls !== 'self') return readTlsFiles(resolve(cwd, tls.certificate), resolve(cwd, tls.key));
  const { ownIdentity } = await import('../serve/own-authority.ts');
  const identity = await ownIdentity(authorityFolder(env), address);
  tellTrust(identity, output);
  return identity;
}

/** Name of the CA in an ECU's store. */
const AUTHORITY_NAME = 'offline-ota-image-builder';

function tellTrust(
  { authorityPath, isNew }: { readonly authorityPath: string; readonly isNew: boolean },
  output: LiveOutput,
): void {
  const { t } = output.translator;
  const store = `/usr/local/share/ca-certificates/${AUTHORITY_NAME}.crt`;
  const install = `ssh <ECU> 'sudo tee ${store} > /dev/null && sudo update-ca-certificates' < ${quoted(authorityPath)}`;
  const remove = `ssh <ECU> 'sudo rm ${store} && sudo update-ca-certificates --fresh'`;
  output.event({ kind: 'authority', path: authorityPath, isNew, install, remove });
  output.result(t('serve.trust', { path: authorityPath }));
  output.result(`  ${install}`);
  if (isNew) output.result(t('serve.trust-new'));
  output.result(t('serve.distrust'));
  output.result(`  ${remove}`);
}

/** For a POSIX shell. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

/** Where the system keeps what programs remember for a person. */
function authorityFolder(env: NodeJS.ProcessEnv): string {
  const home = env['HOME'] ?? homedir();
  const base =
    process.platform === 'win32'
      ? (env['APPDATA'] ?? join(home, 'AppData', 'Roaming'))
      : process.platform === 'darwin'
        ? join(home, 'Library', 'Application Support')
        : env['XDG_CONFIG_HOME'] || join(home, '.config');
  return join(base, AUTHORITY_NAME, 'vehicle-ca');
}
