import type { JobSnapshot } from '../../shared/ipc.ts';
import type { Translator } from '../../shared/messages/index.ts';
import { isUpdated, type VehicleRun } from '../../shared/model/vehicle-state.ts';

/** How an update of a vehicle ended, in one sentence. */
export function updateOutcomeOf(run: VehicleRun, { t, error }: Translator): string {
  if (run.error !== null) return error(run.error).what;
  if (run.state === 'stopped') return t('vehicle-run.stopped');
  if (isUpdated(run)) return t('vehicle.done');
  const failed = run.ecus.filter(({ outcome }) => outcome?.kind !== 'updated');
  const ecuIds = failed.map(({ ecuId }) => ecuId).join(', ');
  return error({ code: 'vehicle-update-failed', params: { ecuIds } }).what;
}

/**
 * Whether the window may close without showing a job's result: all was done as it was asked
 * for, or it was stopped.
 */
export function endedAsWished({ error, kind, checks, build }: JobSnapshot): boolean {
  if (error !== null) return error.code === 'cancelled';
  if (kind === 'check') return checks.every(({ report }) => report?.complete === true);
  return (
    build?.outcomes.every(
      ({ request, verified, ejected }) =>
        request.kind !== 'drive' || (verified && (ejected || !request.eject)),
    ) ?? false
  );
}
