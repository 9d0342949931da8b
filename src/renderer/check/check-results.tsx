import { CircleCheck, CircleSlash, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import type { CheckOutcome } from '../../shared/model/check.ts';
import type { CheckReport } from '../../shared/model/job.ts';
import { invoke } from '../api/bridge.ts';
import { ErrorText } from '../components/error-text.tsx';
import { ManifestImages } from '../components/manifest-images.tsx';
import { ResultTitle } from '../components/result-title.tsx';
import { checkResults, type JobFacts } from '../state/job-selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { FormatAdvice } from '../write/format-advice.tsx';
import { JobNotices } from '../write/job-notices.tsx';
import { ReportButton } from '../write/report-button.tsx';
import { RecordButton } from '../history/record-button.tsx';
import { fileNameOf, SubjectPlace } from './running-check.tsx';

/** A check that has ended: what became of each subject, and what comes next. */
export function CheckResults({ job }: { readonly job: JobFacts }): ReactNode {
  const { attempt } = useStore();
  const { t } = useWords();
  const checks = useSelector(checkResults);
  const hasDrive = checks.some(({ subject }) => subject.kind === 'drive');
  const names = job.names.map(fileNameOf(checks));
  return (
    <div className="check-ended">
      <Summary checks={checks} />
      <JobNotices job={job} />
      <ul className="check-results">
        {checks.map((check, at) => (
          // Two equal sticks have one name.
          <li key={at} className="panel">
            <Result
              check={check}
              name={names[at] ?? ''}
              port={job.ports[at] ?? null}
              isOnly={checks.length === 1}
              at={at}
            />
          </li>
        ))}
      </ul>
      {hasDrive && <FormatAdvice />}
      <div className="row">
        <Button
          className="button large next-action"
          onPress={() => attempt(() => invoke('job.dismiss', { id: job.id }))}
        >
          {t('check.another')}
        </Button>
        <RecordButton job={job.id} hasLabels={checks.some(isGoodStick)} />
        <ReportButton id={job.id} />
      </div>
    </div>
  );
}

/** All of it in one line, which takes the focus and is announced. */
function Summary({ checks }: { readonly checks: readonly CheckOutcome[] }): ReactNode {
  const { t } = useWords();
  const count = checks.length;
  const done = checks.filter(({ report }) => report?.complete === true).length;
  const isStopped = checks.some(({ state }) => state === 'cancelled');
  const [only] = checks;
  const tone = done === count ? 'good' : isStopped ? 'plain' : 'bad';
  const words =
    done === count
      ? count === 1
        ? t('check.complete')
        : t('check.complete.all', { count })
      : isStopped && done === 0
        ? t('check.stopped')
        : count > 1
          ? t('check.complete.some', { done, count })
          : t(only === undefined ? 'check.failed' : verdictOf(only));
  const Icon = tone === 'good' ? CircleCheck : tone === 'plain' ? CircleSlash : TriangleAlert;
  return (
    <ResultTitle level={2} tone={tone} Icon={Icon}>
      {words}
    </ResultTitle>
  );
}

function isGoodStick({ subject, report }: CheckOutcome): boolean {
  return subject.kind === 'drive' && report?.complete === true;
}

function verdictOf({ subject, report, state }: CheckOutcome) {
  if (report === null) return state === 'cancelled' ? 'check.stopped' : 'check.failed';
  if (report.complete) return 'check.complete';
  return subject.kind === 'drive' ? 'check.incomplete' : 'check.incomplete.file';
}

interface ResultProps {
  readonly check: CheckOutcome;
  readonly name: string;
  readonly port: string | null;
  /** The line above says how it ended. */
  readonly isOnly: boolean;
  readonly at: number;
}

function Result({ check, name, port, isOnly, at }: ResultProps): ReactNode {
  const { t } = useWords();
  const { subject, report, error, ejected } = check;
  const isGood = report?.complete === true;
  return (
    <>
      <h3>
        {name}
        <SubjectPlace check={check} port={port} />
      </h3>
      {!isOnly && (
        <p className={`status ${isGood ? 'good' : 'bad'}`}>
          {isGood ? <CircleCheck aria-hidden size={16} /> : <TriangleAlert aria-hidden size={16} />}
          {t(verdictOf(check))}
        </p>
      )}
      {report !== null && <Findings report={report} id={`faults-${at}`} />}
      {error !== null && error.code !== 'cancelled' && <ErrorText error={error} />}
      {subject.kind === 'drive' && report !== null && (
        <p className="muted">{t(ejected ? 'check.ejected' : 'check.stays')}</p>
      )}
    </>
  );
}

/** Faults that are listed; a report that a person reads, not a log. */
const FAULTS_SHOWN = 100;

function Findings({
  report,
  id,
}: {
  readonly report: CheckReport;
  readonly id: string;
}): ReactNode {
  const { t, format, faultDetail } = useWords();
  const { manifest } = report;
  return (
    <>
      {manifest !== null && (
        <>
          <ManifestImages manifest={manifest} />
          <p className="muted">
            {t('check.built', { date: format.dateTime(manifest.build_timestamp * 1000) })} ·{' '}
            {t('count.files', { count: report.files })} · {format.bytes(report.bytes)}
          </p>
        </>
      )}
      {report.faultCount > 0 && (
        <section aria-labelledby={id}>
          <h4 id={id}>{t('count.faults', { count: report.faultCount })}</h4>
          <ul className="faults" tabIndex={0} aria-labelledby={id}>
            {report.faults.slice(0, FAULTS_SHOWN).map((fault) => (
              <li key={`${fault.kind} ${fault.path} ${fault.detail}`}>
                <strong>{t(`fault.${fault.kind}`)}</strong> <code>{fault.path}</code>{' '}
                <span className="muted">{faultDetail(fault.detail)}</span>
              </li>
            ))}
          </ul>
          {report.faultCount > FAULTS_SHOWN && (
            <p className="muted">{t('check.more', { count: report.faultCount - FAULTS_SHOWN })}</p>
          )}
        </section>
      )}
    </>
  );
}
