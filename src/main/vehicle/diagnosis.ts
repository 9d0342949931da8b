import type { TrafficFacts } from '../serve/traffic.ts';

/** What probably is in the way, as a key of texts. */
export type Diagnosis =
  | 'no-request'
  | 'tls-off'
  | 'tls-failed'
  | 'cookie'
  | 'host'
  | 'not-found'
  | 'unreadable'
  | 'stalled'
  | 'cache-off';

/** Seconds after which silence is not normal any more. */
const QUIET_FOR = 20;
/** A client gives up after ten minutes without a byte. Seconds. */
const STALLED_FOR = 60;
/** Files sent twice to one address: once in a while a client tries again. */
const REPEATED = 20;

export interface Situation {
  readonly facts: TrafficFacts;
  /** Seconds since the vehicle took the update. */
  readonly since: number;
  /** Seconds since the last request. */
  readonly quiet: number;
  /** Whether any ECU is in a phase in which it downloads. */
  readonly downloading: boolean;
  readonly ecus: number;
}

/** Says instead of silence what to look at; the most likely first. */
export function diagnose({ facts, since, quiet, downloading, ecus }: Situation): Diagnosis[] {
  const found: Diagnosis[] = [];
  if (facts.tlsOff > 0) found.push('tls-off');
  if (facts.tlsFailed > 0) found.push('tls-failed');
  if (facts.wrongCookie > 0) found.push('cookie');
  if (facts.wrongHost > 0) found.push('host');
  if (facts.notFound > 0) found.push('not-found');
  if (facts.unreadable > 0) found.push('unreadable');
  const attempts = facts.requests + facts.tlsOff + facts.tlsFailed;
  if (attempts === 0 && since >= QUIET_FOR) found.push('no-request');
  if (attempts > 0 && downloading && quiet >= STALLED_FOR) found.push('stalled');
  // Several ECUs ask through the proxy of the main one, which asks once for each file while it keeps them.
  if (ecus > 1 && facts.repeated >= REPEATED) found.push('cache-off');
  return found;
}
