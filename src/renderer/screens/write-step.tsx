import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { driveName } from '../../shared/model/drive.ts';
import { invoke } from '../api/bridge.ts';
import { JobFailure } from '../components/job-failure.tsx';
import { JobProgress } from '../components/job-progress.tsx';
import { JobResult } from '../components/job-result.tsx';
import { fileName } from '../../shared/file-name.ts';
import {
  chosenDrive,
  chosenImages,
  chosenOutputs,
  currentPlan,
  missing,
  runningJob,
} from '../state/selectors.ts';
import { useStore, useWords } from '../state/store.tsx';

/** What will be written and the button that starts it; then progress; then the end. */
export function WriteStep(): ReactNode {
  const job = useStore().state.jobs.build;
  if (job === null) return <Ready />;
  if (job.state === 'done') return <JobResult job={job} />;
  if (job.state === 'failed') return <JobFailure job={job} />;
  return <JobProgress job={job} />;
}

function Ready(): ReactNode {
  const { state, dispatch, attempt } = useStore();
  const { t } = useWords();
  const lacking = missing(state);
  // A check is a job too, and there is one at a time.
  const busy = runningJob(state) !== null;
  const images = chosenImages(state.images);
  const start = (): void => {
    if (images === null) return;
    if (state.drive !== null) dispatch({ type: 'asked', question: 'confirm' });
    else {
      attempt(() => invoke('job.build', { images: [...images], outputs: chosenOutputs(state) }));
    }
  };
  const onlyFile = state.drive === null && state.file !== null;
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
  const { state, dispatch } = useStore();
  const { t } = useWords();
  const preview = currentPlan(state)?.preview ?? null;
  const drive = chosenDrive(state);
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
      {drive !== null && (
        <p className="will-erase">{t('write.erases', { name: driveName(drive) })}</p>
      )}
      {state.file !== null && <p>{t('write.saves', { path: fileName(state.file.path) })}</p>}
    </>
  );
}
