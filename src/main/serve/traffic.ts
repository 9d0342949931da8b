import type { ServeEvent } from './events.ts';
import { MAX_CLIENTS } from './limits.ts';

/** What one client has had so far. */
export interface ClientTraffic {
  readonly client: string;
  readonly files: number;
  readonly bytes: number;
}

/** Facts from which a diagnosis is made. */
export interface TrafficFacts {
  readonly requests: number;
  readonly files: number;
  readonly bytes: number;
  readonly secure: number;
  readonly proxied: number;
  readonly tlsOff: number;
  readonly tlsFailed: number;
  readonly wrongCookie: number;
  readonly wrongHost: number;
  readonly notFound: number;
  readonly unreadable: number;
  /** Blobs that one client was sent whole more than once, for any of its ECUs. */
  readonly repeated: number;
}

/** Blobs of which it is known that they were sent; enough to see whether a cache keeps them. */
const MAX_REMEMBERED = 4096;
/** The hash in the name of a blob. Several ECUs ask for it under bases of their own; metafiles are asked for by each. */
const BLOB = /\/([0-9a-f]{64}\.zst|blobs\/sha256\/[0-9a-f]{64})$/;

/** Newer clients ask for it first: where it is missing, the image is a legacy one. */
function isLayoutProbe(event: ServeEvent): boolean {
  return event.kind === 'request' && event.target.endsWith('/oci-layout');
}

/** Counts what the server reports. */
export class Traffic {
  readonly #clients = new Map<string, { files: number; bytes: number }>();
  readonly #sent = new Set<string>();
  #facts: { -readonly [Name in keyof TrafficFacts]: number } = {
    ...{ requests: 0, files: 0, bytes: 0, secure: 0, proxied: 0, tlsOff: 0, tlsFailed: 0 },
    ...{ wrongCookie: 0, wrongHost: 0, notFound: 0, unreadable: 0, repeated: 0 },
  };

  add(event: ServeEvent): void {
    const facts = this.#facts;
    if (event.refusal === 'tls-off') facts.tlsOff++;
    if (event.refusal === 'tls-failed') facts.tlsFailed++;
    if (event.refusal === 'cookie') facts.wrongCookie++;
    if (event.refusal === 'host') facts.wrongHost++;
    if (event.refusal === 'not-found' && !isLayoutProbe(event)) facts.notFound++;
    if (event.refusal === 'unreadable') facts.unreadable++;
    if (event.kind !== 'request') return;
    facts.requests++;
    if (event.scheme === 'https') facts.secure++;
    if (event.proxied) facts.proxied++;
    facts.bytes += event.bytes;
    const isFile = event.refusal === null && event.complete && event.target !== '/';
    if (isFile) facts.files++;
    if (isFile) this.#remember(event.client, event.target);
    const known = this.#clients.get(event.client);
    if (known === undefined && this.#clients.size >= MAX_CLIENTS) return;
    const client = known ?? { files: 0, bytes: 0 };
    client.bytes += event.bytes;
    if (isFile) client.files++;
    this.#clients.set(event.client, client);
  }

  get facts(): TrafficFacts {
    return { ...this.#facts };
  }

  get clients(): readonly ClientTraffic[] {
    return Array.from(this.#clients, ([client, traffic]) => ({ client, ...traffic }));
  }

  #remember(client: string, target: string): void {
    const [, blob] = BLOB.exec(target) ?? [];
    if (blob === undefined) return;
    const key = `${client} ${blob}`;
    if (this.#sent.has(key)) this.#facts.repeated++;
    else if (this.#sent.size < MAX_REMEMBERED) this.#sent.add(key);
  }
}
