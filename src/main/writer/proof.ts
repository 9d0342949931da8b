import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export type Role = 'app' | 'writer';

/** 32 random bytes in hex, for one conversation only. */
export function newNonce(): string {
  return randomBytes(32).toString('hex');
}

/**
 * Shows that one knows the job's secret without telling it. The role keeps one side from sending the
 * other's proof back to it; both nonces keep an overheard proof from being used again.
 */
export function prove(secret: string, role: Role, nonces: { app: string; writer: string }): string {
  return createHmac('sha256', Buffer.from(secret, 'hex'))
    .update(`${role}\n${nonces.app}\n${nonces.writer}`)
    .digest('hex');
}

/**
 * Whether what the other side sent is the proof that it must be. Takes the same time for every wrong one of
 * the right length: how much of it was right must not be heard.
 * @param candidate untrusted, of any type. @param expected of {@link prove}: 64 hex digits.
 */
export function isProof(candidate: unknown, expected: string): boolean {
  if (typeof candidate !== 'string' || candidate.length !== expected.length) return false;
  return timingSafeEqual(Buffer.from(candidate), Buffer.from(expected));
}
