/** Above those that need rights, and the one that is often used for HTTPS beside 443. */
export const DEFAULT_PORT = 8443;

/** How a finished image is to be served. */
export interface ServeOptions {
  /** null: chosen by what serves. */
  readonly address: string | null;
  readonly port: number;
  /** Paths of PEM files, absolute once they are used. */
  readonly tls: 'off' | 'self' | { readonly certificate: string; readonly key: string };
  /** `pair`: as `NAME=VALUE`. */
  readonly cookie: 'random' | 'none' | { readonly pair: string };
}

/** All interfaces at once: of IPv4, of both, and of IPv4 as IPv6 writes it. */
const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '[::]', '[::ffff:0:0]']);

/** Whether an IP address, in whichever spelling, means every network of this computer. */
export function isEverywhere(address: string): boolean {
  const [plain = ''] = address.split('%');
  const { hostname } = new URL(`http://${plain.includes(':') ? `[${plain}]` : plain}`);
  return EVERYWHERE.has(hostname);
}
