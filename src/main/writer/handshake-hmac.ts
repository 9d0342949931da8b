import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export type Role = 'app' | 'writer';

/** 32 random bytes in hex, for one conversation only. */
export function newNonce(): string {
  return randomBytes(32).toString('hex');
}

/**
 * Shows knowledge of the job's secret without revealing it. The role keeps one side from sending the other's
 * HMAC back to it; both nonces keep a recorded one from being used again.
 * @returns HMAC-SHA-256 in hex: 64 digits.
 */
export function handshakeHmac(
  secret: string,
  role: Role,
  nonces: { app: string; writer: string },
): string {
  return createHmac('sha256', Buffer.from(secret, 'hex'))
    .update(`${role}\n${nonces.app}\n${nonces.writer}`)
    .digest('hex');
}

/**
 * Whether what the other side sent is the expected HMAC. Takes the same time for every wrong one of the right
 * length, so that the time does not reveal how many digits were right.
 * @param candidate untrusted, of any type. @param expected of {@link handshakeHmac}.
 */
export function isHandshakeHmac(candidate: unknown, expected: string): boolean {
  if (typeof candidate !== 'string' || candidate.length !== expected.length) return false;
  return timingSafeEqual(Buffer.from(candidate), Buffer.from(expected));
}
