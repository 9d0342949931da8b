import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { driveName } from '../../shared/model/drive.ts';
import { invoke } from '../api/bridge.ts';
import { JobFailure } from './job-failure.tsx';
import { JobProgress } from './job-progress.tsx';
import { JobResult } from './job-result.tsx';
import { fileName } from '../../shared/file-name.ts';
import {
  chosenBuild,
  chosenDrives,
  currentPlan,
  jobFacts,
  missing,
  runningJob,
} from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import './write.css';

/** What will be written and the button that starts it; then progress; then the end. */
export function WriteStep(): ReactNode {
  const job = useSelector(({ jobs }) => jobFacts(jobs.build));
  if (job === null) return <Ready />;
  if (job.state === 'done') return <JobResult job={job} />;
  if (job.state === 'failed') return <JobFailure job={job} />;
  return <JobProgress job={job} />;
}

function Ready(): ReactNode {
  const { getState, dispatch, attempt } = useStore();
  const { t } = useWords();
  const lacking = useSelector(missing);
  // A check is a job too, and there is one at a time.
  const busy = useSelector((state) => runningJob(state) !== null);
  const onlyFile = useSelector(({ chosen, file }) => chosen.length === 0 && file !== null);
  const start = (): void => {
    const request = chosenBuild(getState());
    if (request === null) return;
    if (onlyFile) attempt(() => invoke('job.build', request));
    else dispatch({ type: 'asked', question: 'confirm' });
  };
  return (
    <div className="step-body">
      <PlanFacts />
      <div className="step-end">
        {(busy || lacking !== null) && (
          <p id="write-hint" className="muted hint">
            {busy ? t('check.busy') : lacking !== null && t(`write.need.${lacking}`)}
          </p>
        )}
        <Button
          className="button large next-action"
          isDisabled={busy || lacking !== null}
          aria-describedby="write-hint"
          onPress={start}
        >
          {t(onlyFile ? 'write.start.file' : 'write.start.drive')}
        </Button>
      </div>
    </div>
  );
}

function PlanFacts(): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const preview = useSelector((state) => currentPlan(state)?.preview ?? null);
  const names = useSelector((state) => chosenDrives(state).map(driveName));
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
            className="button"
            onPress={() => dispatch({ type: 'screen', screen: 'preview' })}
          >
            {t('write.preview')}
          </Button>
        </div>
      )}
      {names.length > 0 && (
        <p className="will-erase">{t('write.erases', { name: names.join(', ') })}</p>
      )}
      {file !== null && <p>{t('write.saves', { path: fileName(file.path) })}</p>}
    </>
  );
}
