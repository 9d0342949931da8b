import { BuilderError, builderError } from '../../shared/errors.ts';
import type { EcuOutcome, EcuStatus, StopAnswer } from '../../shared/model/vehicle.ts';
import { AwakeClock } from './awake-clock.ts';
import type { UpdateRequest, VehicleClient } from './client.ts';
import { EcuTracker } from './ecu-tracker.ts';
import { watchVehicle, type Sight } from './watch.ts';

export interface UpdateRun {
  readonly client: Pick<VehicleClient, 'status' | 'update' | 'abort'>;
  readonly requests: readonly UpdateRequest[];
  /** What the ECUs told before. */
  readonly before: readonly EcuStatus[];
  readonly signal: AbortSignal;
  /** The vehicle took the update for at least one ECU, or (false) its answer was lost. */
  readonly onAccepted: (isCertain: boolean) => void;
  /** After each look. */
  readonly onSight: (sight: Sight) => void;
  readonly onOutcome: (ecuId: string, outcome: EcuOutcome) => void;
  /** The person has stopped it; what the vehicle answers to that. */
  readonly onStopped: (answer: StopAnswer) => void;
  /** Milliseconds between two looks. */
  readonly period?: number;
}

/**
 * Triggers updates and follows them to the end, through restarts of the vehicle.
 * @returns the outcome of each ECU.
 * @throws `vehicle-refused` where no ECU took it; the signal's reason upon a stop, after the vehicle was asked to stop.
 */
export async function runUpdate(run: UpdateRun): Promise<ReadonlyMap<string, EcuOutcome>> {
  const { client, requests, before, signal, onOutcome } = run;
  const clock = new AwakeClock();
  const stop = async (ecuIds: readonly string[]): Promise<void> =>
    run.onStopped(await client.abort(ecuIds));
  const answers = await client.update(requests, signal).catch(async (error: unknown) => {
    // It may have arrived all the same.
    if (signal.aborted) await stop(requests.map(({ ecuId }) => ecuId));
    const isLost = error instanceof BuilderError && error.code === 'vehicle-unreachable';
    if (signal.aborted || !isLost) throw error;
    return null;
  });
  const trackers: EcuTracker[] = [];
  const outcomes = new Map<string, EcuOutcome>();
  const end = (ecuId: string, outcome: EcuOutcome): void => {
    outcomes.set(ecuId, outcome);
    onOutcome(ecuId, outcome);
  };
  for (const { ecuId, version } of requests) {
    const own = answers?.find((each) => each.ecuId === ecuId)?.answer ?? 'refused';
    // Whether it was taken, watching tells.
    const answer = answers === null ? 'accepted' : own;
    const ecu = before.find((each) => each.ecuId === ecuId);
    if (answer === 'accepted' && ecu !== undefined)
      trackers.push(new EcuTracker(ecu, version, clock.now()));
    else end(ecuId, { kind: 'failed', reason: 'refused', detail: answer });
  }
  if (trackers.length === 0)
    throw builderError('vehicle-refused', { ecuIds: [...outcomes.keys()].join(', ') });
  run.onAccepted(answers !== null);
  try {
    for await (const sight of watchVehicle(client, signal, run.period)) {
      const now = clock.now();
      for (const tracker of trackers.filter(({ ecuId }) => !outcomes.has(ecuId))) {
        tracker.see(statusOf(sight, tracker.ecuId), now);
        if (tracker.outcome !== null) end(tracker.ecuId, tracker.outcome);
      }
      run.onSight(sight);
      if (outcomes.size === requests.length) break;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    const running = trackers.filter(({ outcome }) => outcome === null);
    await stop(running.map(({ ecuId }) => ecuId));
    throw error;
  }
  return outcomes;
}

function statusOf(sight: Sight, ecuId: string): EcuStatus | null {
  if (sight.kind !== 'status') return null;
  return sight.status.ecus.find((ecu) => ecu.ecuId === ecuId) ?? null;
}
