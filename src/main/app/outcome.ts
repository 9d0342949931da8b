import type { JobSnapshot } from '../../shared/ipc.ts';

/**
 * Whether the window may close without showing a job's result: all was done as it was asked
 * for, or it was stopped.
 */
export function endedAsWished({ error, check, build }: JobSnapshot): boolean {
  if (error !== null) return error.code === 'cancelled';
  if (check !== null) return check.complete;
  return (
    build?.outcomes.every(
      ({ request, verified, ejected }) =>
        request.kind !== 'drive' || (verified && (ejected || !request.eject)),
    ) ?? false
  );
}
