import type { EcuOutcome, EcuStatus } from '../../shared/model/vehicle.ts';

/** Seconds in which an accepted update begins: the acceptance comes first, by a second or so. */
const STARTS_WITHIN = 300;
/** Seconds without a word or a change after which an ECU is given up: a restart takes some minutes. */
const SILENT_FOR = 1_800;

/**
 * Follows one ECU from the acceptance of its update to the end. It still tells what it did before for a moment, so
 * nothing counts until it was seen updating, or tells of an update that began at another time than the one before.
 */
export class EcuTracker {
  readonly ecuId: string;
  readonly #version: string;
  readonly #startedBefore: number | null;
  readonly #acceptedAt: number;
  #changedAt: number;
  #seen = '';
  #started = false;
  outcome: EcuOutcome | null = null;

  /**
   * @param before what it told before it was asked.
   * @param at seconds of a clock that only grows.
   */
  constructor(before: EcuStatus, version: string, at: number) {
    this.ecuId = before.ecuId;
    this.#version = version;
    this.#startedBefore = before.progress?.started ?? null;
    this.#acceptedAt = at;
    this.#changedAt = at;
  }

  /** @param ecu null: it is not in the list, or the vehicle does not answer. */
  see(ecu: EcuStatus | null, at: number): void {
    if (this.outcome !== null) return;
    const seen = JSON.stringify(ecu);
    if (seen !== this.#seen && ecu !== null) this.#changedAt = at;
    this.#seen = seen;
    if (ecu !== null) this.#judge(ecu, at);
    if (at - this.#changedAt > SILENT_FOR) this.#fail('silent', this.#version);
  }

  #judge({ state, version, progress, failureReason }: EcuStatus, at: number): void {
    const isUpdating = state === 'updating' || state === 'client-updating';
    // At other times a client that knows no time has none to compare.
    const isNewer = progress !== null && progress.started !== (this.#startedBefore ?? 0);
    this.#started ||= isUpdating || (isNewer && progress.version === this.#version);
    if (!this.#started) {
      if (at - this.#acceptedAt > STARTS_WITHIN) this.#fail('not-started', '');
      return;
    }
    if (state === 'success') {
      if (version === this.#version) this.outcome = { kind: 'updated' };
      else this.#fail('other-version', version);
    } else if (state === 'failure' || state === 'rollback-failure')
      this.#fail('failure', failureReason);
    else if (state === 'aborted') this.#fail('stopped', '');
  }

  #fail(reason: (EcuOutcome & { kind: 'failed' })['reason'], detail: string): void {
    this.outcome ??= { kind: 'failed', reason, detail };
  }
}
