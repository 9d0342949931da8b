import type { JobSnapshot } from './ipc.ts';
import type { Translator } from './messages/index.ts';
import { overallResult } from './model/outcome.ts';

/** How a job ended, in one sentence that promises no more than what happened. */
export function outcomeOf(job: JobSnapshot, { t, error, format }: Translator): string {
  if (job.error !== null) return error(job.error).what;
  const drives = (job.build?.outcomes ?? []).filter(({ request }) => request.kind === 'drive');
  if (overallResult(drives) === 'partial') {
    const done = drives.filter(({ state }) => state === 'done').length;
    return t('notify.partial', { done, count: drives.length });
  }
  if (drives.length > 0) {
    const ejected = drives.every((drive) => drive.ejected);
    if (drives.length > 1)
      return t(ejected ? 'done.drives' : 'done.drives.stay', { count: drives.length });
    return t(ejected ? 'notify.verified' : 'notify.verified.stays', { name: job.subject });
  }
  const name = format.file(job.subject);
  if (job.kind === 'build') return t('notify.saved', { name });
  const done = job.checks.filter(({ report }) => report?.complete === true).length;
  const count = job.checks.length;
  if (count > 1) return t('notify.checked', { done, count });
  const [only] = job.checks;
  if (only?.error) return error(only.error).what;
  return t(done === 1 ? 'notify.complete' : 'notify.incomplete', { name });
}

/** Whether everything that a job was about is complete: what did not go well is shown as such, also when it is one of many. */
export function endedWell({ kind, error, outcomes, checks }: JobSnapshot): boolean {
  if (error !== null) return false;
  if (kind === 'check') return checks.every(({ report }) => report?.complete === true);
  const result = overallResult(outcomes);
  return result === 'verified' || result === 'saved';
}
