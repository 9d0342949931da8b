import { CircleCheck, CircleSlash, Clock, LoaderCircle, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { fileName } from '../../shared/file-name.ts';
import type { CheckOutcome } from '../../shared/model/check.ts';
import { checkResults, type JobFacts } from '../state/job-selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { placeOf } from '../sticks/drive-facts.tsx';
import { ProgressFacts } from '../write/job-progress.tsx';
import { JobNotices } from '../write/job-notices.tsx';

const ICONS = {
  waiting: Clock,
  running: LoaderCircle,
  done: CircleCheck,
  failed: TriangleAlert,
  cancelled: CircleSlash,
} as const;

/** A check that runs: which subject, how far, and what was found so far. */
export function RunningCheck({ job }: { readonly job: JobFacts }): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const checks = useSelector(checkResults);
  const at = checks.findIndex(({ state }) => state === 'running');
  const names = job.names.map(fileNameOf(checks));
  const reads = useSelector(({ jobs }) => jobs.check?.progress !== null);
  const hasDrive = checks.some(({ subject }) => subject.kind === 'drive');
  return (
    <div className="check-running">
      <p role="status">{t('check.running', { name: names[at] ?? names[0] ?? '' })}</p>
      <ProgressFacts kind="check" />
      {checks.length > 1 && (
        <ol className="check-lines">
          {checks.map((check, i) => (
            // Two equal sticks have one name.
            <li key={i} aria-current={check.state === 'running' ? 'step' : undefined}>
              <span>
                {names[i]}
                <SubjectPlace check={check} port={job.ports[i] ?? null} />
              </span>
              <CheckState check={check} />
            </li>
          ))}
        </ol>
      )}
      <JobNotices job={job} />
      {hasDrive && !reads && <p className="muted">{t('check.password')}</p>}
      <Button
        className="button"
        isDisabled={job.state === 'cancelling'}
        onPress={() => dispatch({ type: 'asked', question: 'stop' })}
      >
        {t(job.state === 'cancelling' ? 'job.stopping' : 'job.stop')}
      </Button>
    </div>
  );
}

interface SubjectPlaceProps {
  readonly check: CheckOutcome;
  readonly port: string | null;
}

/** By which a stick is distinguished from another one of its name. */
export function SubjectPlace({ check: { subject }, port }: SubjectPlaceProps): ReactNode {
  const words = useWords();
  if (subject.kind !== 'drive') return null;
  return placeOf({ serial: subject.identity.serial, port }, words).map((part) => (
    <span key={part} className="muted check-place">
      {part}
    </span>
  ));
}

function CheckState({ check }: { readonly check: CheckOutcome }): ReactNode {
  const { t } = useWords();
  const { state, report } = check;
  const isBad = state === 'failed' || report?.complete === false;
  const Icon = isBad ? ICONS.failed : ICONS[state];
  const words =
    report === null
      ? t(`check.state.${state}`)
      : t(`history.result.${report.complete ? 'complete' : 'incomplete'}`);
  return (
    <span className={`status ${isBad ? 'bad' : report !== null ? 'good' : 'muted'}`}>
      <Icon aria-hidden size={16} className={state === 'running' ? 'turning' : undefined} />
      {words}
    </span>
  );
}

/** The last part of a path; a drive's name as it is. */
export function fileNameOf(checks: readonly CheckOutcome[]): (name: string, at: number) => string {
  return (name, at) => (checks[at]?.subject.kind === 'path' ? fileName(name) : name);
}
