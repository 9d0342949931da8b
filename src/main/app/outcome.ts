import type { JobSnapshot } from '../../shared/ipc.ts';

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
