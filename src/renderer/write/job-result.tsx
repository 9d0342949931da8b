import { CircleCheck, Info, TriangleAlert } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { invoke } from '../api/bridge.ts';
import { buildOutcomes, runningJob, type JobFacts } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { JobNotices } from './job-notices.tsx';
import { LaneResults, RepeatButton } from './lane-results.tsx';
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
  const drives = outcomes.filter(({ request }) => request.kind === 'drive');
  const done = drives.filter(({ state }) => state === 'done');
  const isPartial = done.length < drives.length;
  const several = drives.length > 1;
  const files = outcomes.flatMap(({ request }) => (request.kind === 'drive' ? [] : [request.path]));
  const mustEject = done.some(({ ejected }) => !ejected);
  const headline = (): string => {
    if (drives.length === 0) return t('done.file');
    if (isPartial) return t('done.partial', { done: done.length, count: drives.length });
    if (several) return t(mustEject ? 'done.drives.stay' : 'done.drives', { count: drives.length });
    return t(mustEject ? 'done.drive.stays' : 'done.drive');
  };
  const another = (
    <Button
      className={mustEject || isPartial ? 'button' : 'button large next-action'}
      onPress={() => attempt(() => invoke('job.dismiss', { id: job.id }))}
    >
      {t(drives.length === 0 ? 'done.another.file' : 'done.another')}
    </Button>
  );
  return (
    <div className="step-body result">
      <div className="result-head">
        {drives.length > 0 && !isPartial && <StickPicture state="done" />}
        <ResultTitle
          level={3}
          tone={isPartial ? 'bad' : 'good'}
          Icon={isPartial ? TriangleAlert : drives.length === 0 ? CircleCheck : null}
        >
          {headline()}
        </ResultTitle>
      </div>
      <LaneResults />
      <ManifestImages manifest={build.summary.manifest} />
      <p className="muted">
        {t('done.took', {
          size: build.summary.totalBytes,
          time: format.duration(build.milliseconds / 1000),
        })}
      </p>
      <JobNotices job={job} />
      {drives.length > 0 && (
        <p className="advice">
          <Info aria-hidden size={18} />
          {t('done.format')}
        </p>
      )}
      <div className="step-end">
        {isPartial && <RepeatButton id={job.id} />}
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
