import type { Diagnosis } from '../../shared/model/vehicle.ts';
import { wallClock } from '../../shared/wall-clock.ts';
import type { TrafficFacts } from '../serve/traffic.ts';
import type { Sight } from './watch.ts';

/** Seconds after which silence is not normal any more. */
const QUIET_FOR = 20;
/** A client gives up after ten minutes without a byte. Seconds. */
const STALLED_FOR = 60;
/** Files sent twice to one address: once in a while a client tries again. */
const REPEATED = 20;
/** A look takes 15 s at most, and a second passes between two of them. Milliseconds. */
const ASLEEP_AFTER = 60_000;

export interface Situation {
  readonly facts: TrafficFacts;
  /** Seconds since the vehicle took the update. */
  readonly since: number;
  /** Seconds since the last request. */
  readonly quiet: number;
  /** Whether any ECU is in a phase in which it downloads. */
  readonly downloading: boolean;
  readonly ecus: number;
  /** Whether this computer slept since then. */
  readonly slept: boolean;
}

/** Says instead of silence what to look at; the most likely first. */
export function diagnose(situation: Situation): Diagnosis[] {
  const { facts, since, quiet, downloading, ecus, slept } = situation;
  const found: Diagnosis[] = [];
  if (facts.tlsOff > 0) found.push('tls-off');
  if (facts.tlsFailed > 0) found.push('tls-failed');
  if (facts.wrongCookie > 0) found.push('cookie');
  if (facts.wrongHost > 0) found.push('host');
  if (facts.notFound > 0) found.push('not-found');
  if (facts.unreadable > 0) found.push('unreadable');
  if (slept) found.push('asleep');
  const attempts = facts.requests + facts.tlsOff + facts.tlsFailed;
  if (attempts === 0 && since >= QUIET_FOR) found.push('no-request');
  if (attempts > 0 && downloading && quiet >= STALLED_FOR) found.push('stalled');
  // Several ECUs ask through the proxy of the main one, which asks once for each file while it keeps them.
  if (ecus > 1 && facts.repeated >= REPEATED) found.push('cache-off');
  return found;
}

/** Diagnoses an update from one look at the vehicle to the next. */
export class Diagnoser {
  readonly #facts: () => TrafficFacts;
  readonly #wall: () => number;
  #began = performance.now();
  #lastRequest = this.#began;
  #requests = 0;
  #lastSight: number;
  #slept = false;

  /** @param wall milliseconds of a clock that goes on while the computer sleeps. */
  constructor(facts: () => TrafficFacts, wall: () => number = () => wallClock().getTime()) {
    this.#facts = facts;
    this.#wall = wall;
    this.#lastSight = wall();
  }

  /** The vehicle took the update. */
  accepted(): void {
    this.#began = performance.now();
    this.#lastRequest = this.#began;
    this.#lastSight = this.#wall();
  }

  /** @returns what is so now. */
  see(sight: Sight): Diagnosis[] {
    const facts = this.#facts();
    const [now, wall] = [performance.now(), this.#wall()];
    if (facts.requests !== this.#requests) this.#lastRequest = now;
    this.#requests = facts.requests;
    this.#slept ||= wall - this.#lastSight > ASLEEP_AFTER;
    this.#lastSight = wall;
    const ecus = sight.kind === 'status' ? sight.status.ecus : [];
    return diagnose({
      ...{ facts, ecus: ecus.length, slept: this.#slept, since: (now - this.#began) / 1000 },
      quiet: (now - this.#lastRequest) / 1000,
      downloading: ecus.some(
        ({ progress, state }) => state === 'updating' && progress?.phase === 'downloading',
      ),
    });
  }
}
