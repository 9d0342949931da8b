import { CircleCheck, TriangleAlert } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import type { BuildResult } from '../../shared/model/job.ts';
import { invoke } from '../api/bridge.ts';
import { ManifestImages } from '../components/manifest-images.tsx';
import { ResultTitle } from '../components/result-title.tsx';
import { focusStep } from '../flow/focus-step.ts';
import { RecordButton } from '../history/record-button.tsx';
import { buildOutcomes, runningJob, type JobFacts } from '../state/job-selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { FormatAdvice } from './format-advice.tsx';
import { JobNotices } from './job-notices.tsx';
import { RemedyButton } from './repeat.tsx';
import { ReportButton } from './report-button.tsx';
import { StickPicture } from './stick-picture.tsx';
import { StickResults } from './stick-results.tsx';
import { useSticksToday } from './sticks-today.ts';

/** A build that is done: that it is safe to unplug, what comes next, what is on which stick. */
export function JobResult({ job }: { readonly job: JobFacts }): ReactNode {
  const outcomes = useSelector(buildOutcomes);
  const { build } = job;
  if (build === null) return null;
  const drives = outcomes.filter(({ request }) => request.kind === 'drive');
  const done = drives.filter(({ state }) => state === 'done').length;
  return (
    <div className="step-body result">
      <ResultHead drives={drives.length} done={done} />
      <Actions job={job} isPartial={done < drives.length} hasLabels={done > 0} />
      {drives.length > 0 && <FormatAdvice />}
      <StickResults />
      <ManifestImages manifest={build.summary.manifest} />
      <Took job={job} build={build} done={done} />
      <JobNotices job={job} />
    </div>
  );
}

interface ResultHeadProps {
  readonly drives: number;
  readonly done: number;
}

function ResultHead({ drives, done }: ResultHeadProps): ReactNode {
  const { t } = useWords();
  const stays = useSelector(mustEject);
  if (drives === 0) {
    return (
      <ResultTitle level={3} tone="good" Icon={CircleCheck}>
        {t('done.file')}
      </ResultTitle>
    );
  }
  if (done < drives) {
    return (
      <ResultTitle level={3} tone="bad" Icon={TriangleAlert}>
        {t('done.partial', { done, count: drives })}
      </ResultTitle>
    );
  }
  const several = t(stays ? 'done.drives.stay' : 'done.drives', { count: drives });
  return (
    <div className="result-head">
      <StickPicture state="done" />
      <ResultTitle level={3} tone="good" Icon={null}>
        {drives > 1 ? several : t(stays ? 'done.drive.stays' : 'done.drive')}
      </ResultTitle>
    </div>
  );
}

/** Whether a stick is complete, but not yet safe to unplug. */
function mustEject({ jobs }: Parameters<typeof buildOutcomes>[0]): boolean {
  return (jobs.build?.outcomes ?? []).some(
    ({ request, state, ejected }) => request.kind === 'drive' && state === 'done' && !ejected,
  );
}

interface ActionsProps {
  readonly job: JobFacts;
  readonly isPartial: boolean;
  readonly hasLabels: boolean;
}

function Actions({ job, isPartial, hasLabels }: ActionsProps): ReactNode {
  const { attempt } = useStore();
  const { t } = useWords();
  const outcomes = useSelector(buildOutcomes);
  const stays = useSelector(mustEject);
  const files = outcomes.flatMap(({ request }) => (request.kind === 'drive' ? [] : [request.path]));
  const onlyFiles = files.length === outcomes.length;
  return (
    <div className="result-actions">
      {isPartial && <RemedyButton error={null} />}
      {stays && <EjectButton id={job.id} isNext={!isPartial} />}
      <MoreButton isNext={!isPartial && !stays} onlyFiles={onlyFiles} />
      {files.map((path) => (
        <Button
          key={path}
          className="button quiet"
          onPress={() => attempt(() => invoke('job.show', { id: job.id, path }))}
        >
          {t('done.show')}
        </Button>
      ))}
      {onlyFiles ? (
        <ReportButton id={job.id} />
      ) : (
        <RecordButton job={job.id} hasLabels={hasLabels} />
      )}
    </div>
  );
}

function nextAction(isNext: boolean): string {
  return isNext ? 'button large next-action' : 'button';
}

/** Folds the result; the next stick is chosen. */
function MoreButton({
  isNext,
  onlyFiles,
}: {
  readonly isNext: boolean;
  readonly onlyFiles: boolean;
}): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  return (
    <Button
      className={nextAction(isNext)}
      onPress={() => {
        dispatch({ type: 'result-opened', isOpen: false });
        focusStep(onlyFiles ? 'images' : 'stick');
      }}
    >
      {t(onlyFiles ? 'done.another.file' : 'done.another')}
    </Button>
  );
}

interface TookProps {
  readonly job: JobFacts;
  readonly build: BuildResult;
  readonly done: number;
}

function Took({ job, build, done }: TookProps): ReactNode {
  const { t, format } = useWords();
  const today = useSticksToday(job.id)?.length ?? 0;
  const facts = [
    t('done.took', {
      size: build.summary.totalBytes,
      time: format.duration(build.milliseconds / 1000),
    }),
  ];
  if (done > 0 && today > 0)
    facts.push(
      done === 1
        ? t('done.today', { number: today })
        : t('done.today.several', { first: Math.max(1, today - done + 1), last: today }),
    );
  return <p className="muted">{facts.join(' · ')}</p>;
}

function EjectButton({ id, isNext }: { readonly id: string; readonly isNext: boolean }): ReactNode {
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
      className={nextAction(isNext)}
      isDisabled={ejecting || busy}
      onPress={() => attempt(eject)}
    >
      {t(ejecting ? 'done.ejecting' : 'done.eject')}
    </Button>
  );
}
