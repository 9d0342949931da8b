import { CircleSlash, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Outcome } from '../../shared/model/outcome.ts';
import { ResultTitle } from '../components/result-title.tsx';
import { buildOutcomes, hasDrive, type JobFacts } from '../state/job-selectors.ts';
import { useSelector, useWords } from '../state/use-store.ts';
import { FormatAdvice } from './format-advice.tsx';
import { JobNotices } from './job-notices.tsx';
import { RemedyButton } from './repeat.tsx';
import { ReportButton } from './report-button.tsx';
import { StickResults } from './stick-results.tsx';

/** Files beside a stick are complete, and stay, before the stick is read back. */
function keptFiles(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ request, state }) =>
    state === 'done' && request.kind !== 'drive' ? [request.path] : [],
  );
}

/** A build that ended early: what happened, which stick, what state it is in, what to do next. */
export function JobFailure({ job }: { readonly job: JobFacts }): ReactNode {
  const { t, error } = useWords();
  const outcomes = useSelector(buildOutcomes);
  if (job.error === null) return null;
  const cancelled = job.error.code === 'cancelled';
  const { what, next } = error(job.error);
  const sticks = outcomes.filter(({ request }) => request.kind === 'drive').length;
  const title = sticks > 0 ? t('failed.title', { count: sticks }) : t('failed.title.file');
  return (
    <div className="step-body result">
      <ResultTitle
        level={3}
        tone={cancelled ? 'plain' : 'bad'}
        Icon={cancelled ? CircleSlash : TriangleAlert}
      >
        {cancelled ? t('failed.cancelled') : title}
      </ResultTitle>
      {/* The title takes the focus; this is said besides. */}
      <div role="alert" className="failure-text">
        {!cancelled && <p>{what}</p>}
        <Files job={job} outcomes={outcomes} />
        <p className="muted">{next}</p>
      </div>
      <div className="result-actions">
        <RemedyButton error={job.error} />
        {!cancelled && <ReportButton id={job.id} />}
      </div>
      {hasDrive(outcomes) && <FormatAdvice />}
      <StickResults />
      <JobNotices job={job} />
    </div>
  );
}

interface FilesProps {
  readonly job: JobFacts;
  readonly outcomes: readonly Outcome[];
}

/** What became of files: those beside a stick may be complete. */
function Files({ job, outcomes }: FilesProps): ReactNode {
  const { t } = useWords();
  const begun = outcomes.some(({ phase }) => phase !== null);
  // A file that was there before the job began is still there.
  const removing = job.removing && outcomes.some(({ request }) => request.kind !== 'drive');
  return (
    <>
      {!hasDrive(outcomes) && begun && !removing && <p>{t('failed.file')}</p>}
      {removing && <p>{t('failed.removing')}</p>}
      {keptFiles(outcomes).map((path) => (
        <p key={path}>{t('failed.file.kept', { path })}</p>
      ))}
    </>
  );
}
