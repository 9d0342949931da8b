import { CircleSlash, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { invoke } from '../api/bridge.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import {
  buildOutcomes,
  hasDrive,
  isDriveModified,
  severalDrives,
  type JobFacts,
} from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { JobNotices } from './job-notices.tsx';
import { LaneResults, RepeatButton } from './lane-results.tsx';
import { ReportButton } from './report-button.tsx';
import { ResultTitle } from '../components/result-title.tsx';

/** Files beside a stick are complete, and stay, before the stick is read back. */
function keptFiles(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ request, state }) =>
    state === 'done' && request.kind !== 'drive' ? [request.path] : [],
  );
}

/** A build that ended early: what happened, what state the stick is in, what to do next. */
export function JobFailure({ job }: { readonly job: JobFacts }): ReactNode {
  const { attempt } = useStore();
  const { t, error } = useWords();
  const outcomes = useSelector(buildOutcomes);
  if (job.error === null) return null;
  const cancelled = job.error.code === 'cancelled';
  const { what, next } = error(job.error);
  const onDrive = hasDrive(outcomes);
  const several = severalDrives({ outcomes: [...outcomes], names: [] }).length > 0;
  // A file that stood there before the job began is still there.
  const removing = job.removing && outcomes.some(({ request }) => request.kind !== 'drive');
  const begun = outcomes.some(({ phase }) => phase !== null);
  const file = begun && !removing ? t('failed.file') : null;
  const state = onDrive
    ? t(isDriveModified(outcomes) ? 'failed.modified' : 'failed.unmodified')
    : file;
  const kept = keptFiles(outcomes);
  return (
    <div className="step-body result">
      <ResultTitle
        level={3}
        tone={cancelled ? 'plain' : 'bad'}
        Icon={cancelled ? CircleSlash : TriangleAlert}
      >
        {t(cancelled ? 'failed.cancelled' : 'failed.title')}
      </ResultTitle>
      {/* The title takes the focus; this is said besides. */}
      <div role="alert" className="failure-text">
        {!cancelled && <p>{what}</p>}
        {state !== null && !several && <p>{state}</p>}
        {removing && <p>{t('failed.removing')}</p>}
        {kept.map((path) => (
          <p key={path}>{t('failed.file.kept', { path })}</p>
        ))}
        <p className="muted">{next}</p>
      </div>
      <LaneResults />
      <JobNotices job={job} />
      <div className="step-end">
        <RepeatButton id={job.id} />
        <Button
          className="button large next-action"
          onPress={() => attempt(() => invoke('job.dismiss', { id: job.id }))}
        >
          {t(cancelled ? 'failed.back' : 'failed.again')}
        </Button>
        {!cancelled && <ReportButton id={job.id} />}
      </div>
    </div>
  );
}
