import { CircleCheck, Info } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { invoke } from '../api/bridge.ts';
import { buildOutcomes, runningJob, type JobFacts } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { JobNotices } from './job-notices.tsx';
import { ManifestImages } from '../components/manifest-images.tsx';
import { ReportButton } from './report-button.tsx';
import { ResultTitle } from '../components/result-title.tsx';
import { StickPicture } from './stick-picture.tsx';

/** A build that is done: what is on the stick, and that it is safe to unplug. */
export function JobResult({ job }: { readonly job: JobFacts }): ReactNode {
  const { attempt } = useStore();
  const { t, format } = useWords();
  const outcomes = useSelector(buildOutcomes);
  const { build } = job;
  if (build === null) return null;
  const drive = outcomes.find(({ request }) => request.kind === 'drive');
  const files = outcomes.flatMap(({ request }) => (request.kind === 'drive' ? [] : [request.path]));
  const headline =
    drive === undefined ? 'done.file' : drive.ejected ? 'done.drive' : 'done.drive.stays';
  const mustEject = drive?.ejected === false;
  const another = (
    <Button
      className={mustEject ? 'button' : 'button large next-action'}
      onPress={() => attempt(() => invoke('job.dismiss', { id: job.id }))}
    >
      {t(drive === undefined ? 'done.another.file' : 'done.another')}
    </Button>
  );
  return (
    <div className="step-body result">
      <div className="result-head">
        {drive !== undefined && <StickPicture state="done" />}
        <ResultTitle level={3} tone="good" Icon={drive === undefined ? CircleCheck : null}>
          {t(headline)}
        </ResultTitle>
      </div>
      <ManifestImages manifest={build.summary.manifest} />
      <p className="muted">
        {t('done.took', {
          size: build.summary.totalBytes,
          time: format.duration(build.milliseconds / 1000),
        })}
      </p>
      <JobNotices job={job} />
      {drive !== undefined && (
        <p className="advice">
          <Info aria-hidden size={18} />
          {t('done.format')}
        </p>
      )}
      <div className="step-end">
        {mustEject ? <EjectButton id={job.id} /> : another}
        <div className="row">
          {mustEject && another}
          {files.map((path) => (
            <Button
              key={path}
              className="button quiet"
              onPress={() => attempt(() => invoke('job.show', { id: job.id, path }))}
            >
              {t('done.show')}
            </Button>
          ))}
          <ReportButton id={job.id} />
        </div>
      </div>
    </div>
  );
}

function EjectButton({ id }: { readonly id: string }): ReactNode {
  const { attempt } = useStore();
  const { t } = useWords();
  // A check may be reading this very stick.
  const busy = useSelector((state) => runningJob(state) !== null);
  const [ejecting, setEjecting] = useState(false);
  const eject = async (): Promise<void> => {
    setEjecting(true);
    await invoke('job.eject', { id }).finally(() => setEjecting(false));
  };
  return (
    <Button
      className="button large next-action"
      isDisabled={ejecting || busy}
      onPress={() => attempt(eject)}
    >
      {t(ejecting ? 'done.ejecting' : 'done.eject')}
    </Button>
  );
}
