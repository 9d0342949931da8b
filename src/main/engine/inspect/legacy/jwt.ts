import { verify, type KeyObject } from 'node:crypto';

/** The three parts of a JWT in compact form (RFC 7515, 3.1), decoded but not trusted. */
export interface Jwt {
  readonly header: unknown;
  readonly payload: unknown;
  /** What the signature covers: `header.payload` as transmitted. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** A metadata.jwt has a few KB. */
export const MAX_JWT_BYTES = 1024 * 1024;

/**
 * Splits and decodes a JWT. The generator keeps the `=` padding that RFC 7515 drops, so both are
 * accepted, and white space at the end.
 * @returns null for anything that is no JWT.
 */
export function parseJwt(bytes: Uint8Array): Jwt | null {
  if (bytes.length > MAX_JWT_BYTES) return null;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('latin1')
    .trimEnd();
  const parts = text.split('.');
  const [header, payload, signature] = parts.map(decodeBase64Url);
  if (parts.length !== 3 || !header || !payload || !signature) return null;
  try {
    return {
      header: JSON.parse(header.toString('utf8')),
      payload: JSON.parse(payload.toString('utf8')),
      signed: Buffer.from(text.slice(0, text.lastIndexOf('.')), 'latin1'),
      signature,
    };
  } catch {
    return null;
  }
}

/**
 * Verifies an ES256 signature. RFC 7518 wants r||s (64 bytes); the generator writes DER.
 * @param key must be a P-256 public key.
 */
export function verifyEs256(jwt: Jwt, key: KeyObject): boolean {
  const check = (dsaEncoding: 'der' | 'ieee-p1363') => {
    try {
      return verify('sha256', jwt.signed, { key, dsaEncoding }, jwt.signature);
    } catch {
      // Malformed DER.
      return false;
    }
  };
  return check('der') || (jwt.signature.length === 64 && check('ieee-p1363'));
}

function decodeBase64Url(part: string): Buffer | null {
  // Node's decoder skips what it does not know; two texts would then have one signature.
  if (!/^[A-Za-z0-9_-]*={0,2}$/.test(part)) return null;
  return Buffer.from(part.replace(/=+$/, ''), 'base64url');
}
