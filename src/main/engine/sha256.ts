import { createHash } from 'node:crypto';
import type { Steps } from './event-loop.ts';

/** Bytes hashed without a pause: some milliseconds. A list of 300,000 files has 50 MB. */
const HASH_AT_ONCE = 1024 * 1024;

/** SHA-256 in lower-case hex, in steps. */
export function* sha256Steps(bytes: Uint8Array): Steps<string> {
  const hash = createHash('sha256');
  for (let from = 0; from < bytes.length; from += HASH_AT_ONCE) {
    hash.update(bytes.subarray(from, from + HASH_AT_ONCE));
    yield;
  }
  return hash.digest('hex');
}
