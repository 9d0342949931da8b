import { CircleCheck, CircleSlash, TriangleAlert } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { fileName } from '../../shared/file-name.ts';
import { endedWell, outcomeOf } from '../../shared/job-sentence.ts';
import type { Translator } from '../../shared/messages/index.ts';
import { driveName } from '../../shared/model/drive.ts';
import { invoke } from '../api/bridge.ts';
import { isRunning, jobFacts, runningJob } from '../state/job-selectors.ts';
import {
  chosenBuild,
  chosenDrives,
  currentPlan,
  missing,
  openResult,
  onlyUpdates,
  updatedDrives,
} from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { JobFailure } from './job-failure.tsx';
import { JobProgress } from './job-progress.tsx';
import { JobResult } from './job-result.tsx';
import { RefreshChoice } from './refresh-choice.tsx';
import { SticksOfToday } from './sticks-of-today.tsx';
import './write.css';

/** What will be written and the button that starts it; then progress; then the end. */
export function WriteStep(): ReactNode {
  const job = useSelector(({ jobs }) => jobFacts(jobs.build));
  const isOpen = useSelector((state) => openResult(state) !== null);
  const runs = useSelector(({ jobs }) => isRunning(jobs.build));
  if (job !== null && runs) return <JobProgress job={job} />;
  if (job === null || !isOpen) return <Ready />;
  return job.state === 'done' ? <JobResult job={job} /> : <JobFailure job={job} />;
}

function Ready(): ReactNode {
  const isEmpty = useSelector(({ images, chosen, file }) => {
    return images.length === 0 && chosen.length === 0 && file === null;
  });
  return (
    <div className="step-body">
      <LastResult />
      {isEmpty ? <SticksOfToday /> : <PlanFacts />}
      <Start />
    </div>
  );
}

function Start(): ReactNode {
  const { getState, dispatch, attempt } = useStore();
  const { t } = useWords();
  const lacking = useSelector(missing);
  // A check is a job too, and there is one at a time.
  const busy = useSelector((state) => runningJob(state) !== null);
  const onlyFile = useSelector(({ chosen, file }) => chosen.length === 0 && file !== null);
  const sticks = useSelector(({ chosen }) => chosen.length);
  const updates = useSelector(onlyUpdates);
  // The second click of a double click must not ask for a second job.
  const [isStarting, setStarting] = useState(false);
  const save = async (): Promise<void> => {
    const request = chosenBuild(getState());
    if (request === null) return;
    setStarting(true);
    await invoke('job.build', request).finally(() => setStarting(false));
  };
  return (
    <div className="step-end">
      {(busy || lacking !== null) && (
        <p id="write-hint" className="muted hint">
          {busy ? t('check.busy') : lacking !== null && t(`write.need.${lacking}`)}
        </p>
      )}
      <Button
        className="button large next-action"
        isDisabled={busy || isStarting || lacking !== null}
        aria-describedby="write-hint"
        onPress={() => {
          if (onlyFile) attempt(save);
          else dispatch({ type: 'asked', question: 'confirm' });
        }}
      >
        {onlyFile ? t('write.start.file') : updates ? t('refresh.start') : startText(sticks, t)}
      </Button>
    </div>
  );
}

function startText(sticks: number, t: Translator['t']): string {
  return sticks > 1 ? t('write.start.drives', { count: sticks }) : t('write.start.drive');
}

/** How the last build ended, in one line, while the next stick is prepared. */
function LastResult(): ReactNode {
  const { dispatch } = useStore();
  const words = useWords();
  const job = useSelector(({ jobs }) => jobs.build);
  if (job === null) return null;
  const cancelled = job.error?.code === 'cancelled';
  const tone = cancelled ? 'plain' : endedWell(job) ? 'good' : 'bad';
  const Icon = { good: CircleCheck, bad: TriangleAlert, plain: CircleSlash }[tone];
  return (
    <div className="last-result">
      <Icon aria-hidden size={18} className={tone} />
      <p>{outcomeOf(job, words)}</p>
      <Button
        className="button quiet"
        onPress={() => dispatch({ type: 'result-opened', isOpen: true })}
      >
        {words.t('done.last.show')}
      </Button>
    </div>
  );
}

function PlanFacts(): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const preview = useSelector((state) => currentPlan(state)?.preview ?? null);
  const names = useSelector((state) => {
    const updated = updatedDrives(state);
    return chosenDrives(state)
      .filter((drive) => !updated.includes(drive))
      .map(driveName);
  });
  const file = useSelector((state) => state.file);
  return (
    <>
      {preview !== null && (
        <div className="plan-facts">
          <p className="plan-size">{t('write.size', { size: preview.summary.totalBytes })}</p>
          <p>
            {t('count.images', { count: preview.summary.manifest.image_meta.length })} ·{' '}
            {t('count.files', { count: preview.summary.totalFiles })}
          </p>
          {preview.summary.sharedBytes > 0 && (
            <p className="muted">{t('write.shared', { size: preview.summary.sharedBytes })}</p>
          )}
          <Button
            className="button quiet"
            onPress={() => dispatch({ type: 'screen', screen: 'preview' })}
          >
            {t('write.preview')}
          </Button>
        </div>
      )}
      {names.length === 1 && (
        <p className="will-erase">{t('write.erases', { name: names[0] ?? '' })}</p>
      )}
      {names.length > 1 && (
        <p className="will-erase">{t('write.erases.several', { count: names.length })}</p>
      )}
      <RefreshChoice />
      {file !== null && <p>{t('write.saves', { path: fileName(file.path) })}</p>}
    </>
  );
}
