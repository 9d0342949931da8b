import { resolve } from 'node:path';
import type { OpenServer } from '../serve/open-server.ts';
import type { ServeOptions } from '../serve/options.ts';
import type { LiveOutput } from './live-output.ts';

/** With absolute paths of its files. */
export function resolvedOptions(options: ServeOptions, cwd: string): ServeOptions {
  const { tls } = options;
  if (typeof tls === 'string') return options;
  const [certificate, key] = [resolve(cwd, tls.certificate), resolve(cwd, tls.key)];
  return { ...options, tls: { certificate, key } };
}

/** Tells what people need to know of a server that was opened. */
export function tellServer(server: OpenServer, output: LiveOutput): void {
  const { address, port, scheme, updates, authority, hasCookie } = server;
  const { t } = output.translator;
  if (authority !== null) tellTrust(authority, output);
  if (scheme === 'http') output.warning(t('serve.http-only'));
  if (!hasCookie) output.warning(t('serve.no-cookie'));
  output.event({ kind: 'serving', address, port, scheme, updates });
}

function tellTrust(authority: NonNullable<OpenServer['authority']>, output: LiveOutput): void {
  const { path, isNew, install, remove } = authority;
  const { t } = output.translator;
  output.event({ kind: 'authority', path, isNew, install, remove });
  output.result(t('serve.trust', { path }));
  output.result(`  ${install}`);
  if (isNew) output.result(t('serve.trust-new'));
  output.result(t('serve.distrust'));
  output.result(`  ${remove}`);
}
