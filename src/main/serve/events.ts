/** Why a connection or request is turned away. */
export type Refusal =
  /** Too many connections, of all clients or of one. */
  | 'connections'
  /** Nothing came, or not all of the headers, for too long. */
  | 'slow'
  /** It begins a TLS handshake, and the server has no certificate. */
  | 'tls-off'
  /** The handshake failed; mostly the client does not trust the certificate. */
  | 'tls-failed'
  /** Not HTTP, or a form by which two readers see two requests. */
  | 'malformed'
  | 'method'
  /** It is for another host. */
  | 'host'
  | 'cookie'
  | 'not-found'
  /** The medium cannot be read. */
  | 'unreadable';

/** What the server reports. */
export type ServeEvent =
  | {
      readonly kind: 'request';
      readonly client: string;
      readonly scheme: 'http' | 'https';
      readonly proxied: boolean;
      readonly method: string;
      /** As it came, cut to a bounded length. */
      readonly target: string;
      readonly status: number;
      /** Bytes of the body that were sent. */
      readonly bytes: number;
      /** Whether the client got all of the answer. */
      readonly complete: boolean;
      readonly milliseconds: number;
      readonly refusal: Refusal | null;
    }
  | {
      readonly kind: 'refused';
      readonly client: string;
      readonly refusal: Refusal;
      readonly detail: string;
      /** Refusals before this one that were counted, and not logged. */
      readonly untold: number;
    };
