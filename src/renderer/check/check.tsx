import { CircleCheck, FolderOpen, SearchCheck, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import type { CheckSubject } from '../../shared/ipc.ts';
import type { CheckReport } from '../../shared/model/job.ts';
import { driveName } from '../../shared/model/drive.ts';
import { invoke } from '../api/bridge.ts';
import { DropZone } from '../components/drop-zone.tsx';
import { ErrorText } from '../components/error-text.tsx';
import { ProgressFacts } from '../write/job-progress.tsx';
import { Screen } from '../components/screen.tsx';
import { DriveFacts, DriveTitle } from '../sticks/drive-facts.tsx';
import { ManifestImages } from '../components/manifest-images.tsx';
import { ResultTitle } from '../components/result-title.tsx';
import { fileName } from '../../shared/file-name.ts';
import { driveKey, jobFacts, runningJob, type JobFacts } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import './check.css';

/** Reads a stick or file and tells whether it is complete. */
export function CheckScreen(): ReactNode {
  const { attempt } = useStore();
  const { t } = useWords();
  const job = useSelector(({ jobs }) => jobFacts(jobs.check));
  const running = useSelector((state) => runningJob(state)?.kind ?? null);
  if (running !== null) {
    return (
      <Screen title={t('check.title')}>
        {job !== null && running === 'check' ? <Running job={job} /> : <p>{t('check.busy')}</p>}
      </Screen>
    );
  }
  const check = (subject: CheckSubject): void => attempt(() => invoke('job.check', subject));
  return (
    <Screen title={t('check.title')}>
      <DropZone
        className="check-drop"
        onPaths={([path]) => {
          if (path !== undefined) check({ kind: 'path', path });
        }}
      >
        {() => (job === null ? <Choose onCheck={check} /> : <Ended job={job} />)}
      </DropZone>
    </Screen>
  );
}

interface ChooseProps {
  readonly onCheck: (subject: CheckSubject) => void;
}

function Choose({ onCheck }: ChooseProps): ReactNode {
  const { attempt } = useStore();
  const { t } = useWords();
  const drives = useSelector((state) => state.drives);
  const choose = (kind: 'file' | 'folder'): void =>
    attempt(async () => {
      const path = await invoke('job.chooseCheck', { kind });
      if (path !== null) onCheck({ kind: 'path', path });
    });
  const sticks = drives.filter(
    ({ kind, system, identity }) =>
      (kind === 'usb' || kind === 'sd') && !system && identity.size > 0,
  );
  return (
    <div className="check-choose">
      <p className="muted">{t('check.intro')}</p>
      <div className="drop-target large">
        <SearchCheck aria-hidden size={40} strokeWidth={1.25} />
        <p className="drop-title">{t('check.drop')}</p>
        <div className="row">
          <Button className="button" onPress={() => choose('file')}>
            {t('check.choose.file')}
          </Button>
          <Button className="button quiet" onPress={() => choose('folder')}>
            <FolderOpen aria-hidden size={16} />
            {t('check.choose.folder')}
          </Button>
        </div>
      </div>
      <h2>{t('check.drives')}</h2>
      {sticks.length === 0 && <p className="muted">{t('check.drives.none')}</p>}
      <ul className="check-drives">
        {sticks.map((drive) => (
          <li key={driveKey(drive)} className="card">
            <div>
              <DriveTitle drive={drive} />
              <DriveFacts drive={drive} />
            </div>
            <Button
              className="button"
              aria-label={t('check.drive', { name: driveName(drive) })}
              onPress={() => onCheck({ kind: 'drive', identity: drive.identity })}
            >
              {t('nav.check')}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Running({ job }: { readonly job: JobFacts }): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  return (
    <div className="check-running">
      <p role="status">{t('check.running', { name: fileName(job.subject) })}</p>
      <ProgressFacts kind="check" />
      <Button
        className="button"
        isDisabled={job.state === 'cancelling'}
        onPress={() => dispatch({ type: 'asked', question: 'stop' })}
      >
        {t('job.stop')}
      </Button>
    </div>
  );
}

function Ended({ job }: { readonly job: JobFacts }): ReactNode {
  const { attempt } = useStore();
  const { t } = useWords();
  return (
    <div className="check-ended">
      <p className="muted">{fileName(job.subject)}</p>
      {job.check !== null && <Report report={job.check} />}
      {job.error !== null && <ErrorText error={job.error} />}
      <Button
        className="button large next-action"
        onPress={() => attempt(() => invoke('job.dismiss', { id: job.id }))}
      >
        {t('check.another')}
      </Button>
    </div>
  );
}

/** Faults that are listed; a report that a person reads, not a log. */
const FAULTS_SHOWN = 100;

function Report({ report }: { readonly report: CheckReport }): ReactNode {
  const { t, format } = useWords();
  const { complete, manifest } = report;
  return (
    <>
      <ResultTitle
        level={2}
        tone={complete ? 'good' : 'bad'}
        Icon={complete ? CircleCheck : TriangleAlert}
      >
        {t(complete ? 'check.complete' : 'check.incomplete')}
      </ResultTitle>
      {!complete && <p role="alert">{t('check.incomplete.next')}</p>}
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
        <section className="panel" aria-labelledby="faults">
          <h3 id="faults">{t('count.faults', { count: report.faultCount })}</h3>
          <ul className="faults">
            {report.faults.slice(0, FAULTS_SHOWN).map((fault) => (
              <li key={`${fault.kind} ${fault.path} ${fault.detail}`}>
                <strong>{t(`fault.${fault.kind}`)}</strong> <code>{fault.path}</code>{' '}
                <span className="muted">{fault.detail}</span>
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
