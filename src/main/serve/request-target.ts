import { nameText } from '../engine/name-text.ts';

/** What a request line asks for. */
export type Target =
  /** `/`, by which a vehicle's proxy looks whether there is a server. */
  | { readonly kind: 'probe' }
  | { readonly kind: 'file'; readonly index: number; readonly name: string }
  /** A path that is not below the base. */
  | { readonly kind: 'other' }
  /** For another host: this is no proxy for others. */
  | { readonly kind: 'foreign'; readonly host: string }
  | { readonly kind: 'malformed' };

export interface ParsedTarget {
  readonly target: Target;
  /** Whether it was in absolute form, as for a proxy (RFC 9112, 3.2.2). */
  readonly proxied: boolean;
}

const ABSOLUTE = /^https?:\/\/([^/?#@]*)(\/.*)?$/is;
/** Numbers of images have one spelling. */
const INDEX = /^(0|[1-9]\d{0,4})\/(.*)$/s;

/**
 * Reads a request's target. Nothing in it is resolved: `..` and the like are names as any other, and no image has
 * them, so that no path leads out of one.
 * @param raw as Node has it: one character for each byte.
 * @param host value of the Host header; undefined in HTTP/1.0.
 * @param contentHash first part of each path.
 */
export function parseTarget(
  raw: string,
  host: string | undefined,
  contentHash: string,
  ownHosts: ReadonlySet<string>,
): ParsedTarget {
  const absolute = ABSOLUTE.exec(raw);
  const proxied = absolute !== null;
  const done = (target: Target): ParsedTarget => ({ target, proxied });
  if (!proxied && !raw.startsWith('/')) return done({ kind: 'malformed' });
  // The target's own host counts where it has one (RFC 9112, 3.2.2).
  const authority = absolute?.[1] ?? host ?? null;
  if (authority !== null && !ownHosts.has(hostName(authority)))
    return done({ kind: 'foreign', host: authority });
  const path = proxied ? (absolute[2] ?? '/') : raw;
  if (path === '/') return done({ kind: 'probe' });
  const base = `/${contentHash}/`;
  if (!path.startsWith(base)) return done({ kind: 'other' });
  const [, index, name] = INDEX.exec(path.slice(base.length)) ?? [];
  if (index === undefined || name === undefined) return done({ kind: 'other' });
  return done({ kind: 'file', index: Number(index), name: nameText(decodeOnce(name)) });
}

/** The name in `name:port` or `[address]:port`, in lower case. */
export function hostName(authority: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(authority) ?? [];
  return (bracketed ?? plain ?? '').toLowerCase();
}

/**
 * Decodes percent signs once; one without two hexadecimal digits stays, as do `+`, `?` and `#`: clients send no
 * queries, and some proxies decode what a name has of them.
 */
function decodeOnce(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  if (!text.includes('%')) return bytes;
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const digits = text.slice(at + 1, at + 3);
    const isEscape = text[at] === '%' && /^[0-9a-f]{2}$/i.test(digits);
    bytes[length++] = isEscape ? Number.parseInt(digits, 16) : (bytes[at] ?? 0);
    if (isEscape) at += 2;
  }
  return bytes.subarray(0, length);
}
