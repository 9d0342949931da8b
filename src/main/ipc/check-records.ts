import { randomUUID } from 'node:crypto';
import { toErrorData } from '../../shared/errors.ts';
import type { HistoryEntry, HistoryImage, HistoryOutcome } from '../../shared/history.ts';
import type { CheckOutcome } from '../../shared/model/check.ts';
import type { ImageSignature } from '../../shared/model/job.ts';
import type { Manifest } from '../../shared/model/manifest.ts';
import { isOpen } from '../../shared/model/outcome.ts';
import { wallClock } from '../../shared/wall-clock.ts';

/** What a job leaves in the history, but for who and where. */
export type JobRecord = Omit<HistoryEntry, 'operator' | 'host'>;

/** What a person calls an output or subject, and the socket of a drive. */
export interface PlaceName {
  readonly name: string;
  readonly port: string | null;
}

interface Begun {
  /** Unix milliseconds. */
  readonly startedAt: number;
  /** Of the monotonic clock: a check may last through a change of the wall clock. */
  readonly began: number;
}

/** Makes an entry of the history of each subject of a check, as soon as that has ended. */
export class CheckRecorder {
  readonly #job: string;
  readonly #places: readonly PlaceName[];
  readonly #onRecord: (record: JobRecord) => void;
  readonly #begun = new Map<number, Begun>();
  readonly #recorded = new Set<number>();

  constructor(job: string, places: readonly PlaceName[], onRecord: (record: JobRecord) => void) {
    this.#job = job;
    this.#places = places;
    this.#onRecord = onRecord;
  }

  take(checks: readonly CheckOutcome[]): void {
    for (const [at, check] of checks.entries()) {
      if (check.state === 'waiting' || this.#recorded.has(at)) continue;
      // It was never looked at: there is nothing to remember of it.
      if (check.state === 'cancelled' && !this.#begun.has(at)) continue;
      const begun = this.#begun.get(at) ?? {
        startedAt: wallClock().getTime(),
        began: performance.now(),
      };
      this.#begun.set(at, begun);
      if (isOpen(check)) continue;
      this.#recorded.add(at);
      this.#onRecord(recordOf(check, { job: this.#job, place: this.#places[at], begun }));
    }
  }
}

interface About {
  readonly job: string;
  readonly place: PlaceName | undefined;
  readonly begun: Begun;
}

function recordOf(check: CheckOutcome, { job, place, begun }: About): JobRecord {
  const { subject, report, error } = check;
  const result = checkResult(check);
  const { name = '', port = null } = place ?? {};
  const outcome: HistoryOutcome = {
    kind: subject.kind === 'drive' ? 'drive' : (report?.kind ?? 'tar'),
    ...{ name, port, result, error },
    serial: subject.kind === 'drive' ? subject.identity.serial : null,
    faults: report?.faultCount ?? 0,
  };
  return {
    ...{ id: randomUUID(), kind: 'check', job },
    startedAt: begun.startedAt,
    milliseconds: Math.round(performance.now() - begun.began),
    images: historyImages(report?.manifest ?? null, report?.signatures ?? []),
    outcomes: [outcome],
    ...{ result, error },
  };
}

/** How the check of one subject ended. */
export function checkResult({
  state,
  report,
}: CheckOutcome): 'complete' | 'incomplete' | 'cancelled' | 'failed' {
  if (report !== null) return report.complete ? 'complete' : 'incomplete';
  return state === 'cancelled' ? 'cancelled' : 'failed';
}

/** The outcomes of a check that was ended by an error: what was still open ends with it. */
export function endChecks(
  checks: readonly CheckOutcome[],
  error: unknown,
): readonly CheckOutcome[] {
  const data = toErrorData(error);
  const state = data.code === 'cancelled' ? 'cancelled' : 'failed';
  return checks.map((check) => (isOpen(check) ? { ...check, state, error: data } : check));
}

/** @param signatures in the order of the manifest. */
export function historyImages(
  manifest: Manifest | null,
  signatures: readonly ImageSignature[],
): HistoryImage[] {
  return (manifest?.image_meta ?? []).map((image, i) => ({
    ecuId: image.ecu_id,
    version: image.image_version,
    digest: signatures[i]?.digest ?? null,
    signer: signatures[i]?.signer ?? null,
  }));
}
