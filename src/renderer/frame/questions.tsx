import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import type { JobSnapshot } from '../../shared/ipc.ts';
import { isUpdating } from '../../shared/model/vehicle-state.ts';
import { invoke } from '../api/bridge.ts';
import { AlertDialog } from '../components/dialog.tsx';
import type { State } from '../state/model.ts';
import {
  findOutcome,
  isDriveModified,
  mayStop,
  mayStopOutput,
  runningJob,
} from '../state/job-selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { StopUpdateDialog, UpdateDialog } from '../vehicle/vehicle-questions.tsx';
import { ConfirmDialog } from '../write/confirm.tsx';

/** Whatever a person is asked right now. */
export function Questions(): ReactNode {
  const question = useSelector((state) => state.question);
  if (typeof question === 'object' && question !== null)
    return <StopOutputDialog index={question.stopOutput} />;
  switch (question) {
    case 'confirm':
      return <ConfirmDialog />;
    case 'stop':
      return <StopDialog />;
    case 'update':
      return <UpdateDialog />;
    case 'stop-update':
      return <StopUpdateDialog />;
    case 'closing':
      return <ClosingDialog />;
    case null:
      return null;
  }
}

/** What a question about stopping needs to know of the job that runs. */
interface Stoppable extends Pick<JobSnapshot, 'id' | 'kind'> {
  readonly driveModified: boolean;
  readonly stops: boolean;
  readonly drives: number;
}

function stoppable(state: State): Stoppable | null {
  const job = runningJob(state);
  if (job === null) return null;
  const { id, kind, outcomes } = job;
  const driveModified = isDriveModified(outcomes);
  const drives = outcomes.filter(({ request }) => request.kind === 'drive').length;
  return { id, kind, driveModified, stops: mayStop(job), drives };
}

function StopDialog(): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t } = useWords();
  const job = useSelector(stoppable);
  if (job === null || !job.stops) return null;
  const close = (): void => dispatch({ type: 'asked', question: null });
  return (
    <AlertDialog title={t('job.stop.title')} onClose={close}>
      <Consequence job={job} />
      <div className="dialog-buttons">
        <Button className="button" autoFocus onPress={close}>
          {t('job.stop.no')}
        </Button>
        <Button
          className="button danger"
          onPress={() => {
            close();
            attempt(() => invoke('job.cancel', { id: job.id }));
          }}
        >
          {t('job.stop.yes')}
        </Button>
      </div>
    </AlertDialog>
  );
}

/** Gives up one of several sticks. */
function StopOutputDialog({ index }: { readonly index: number }): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t } = useWords();
  const id = useSelector(({ jobs }) => jobs.build?.id ?? null);
  const name = useSelector(({ jobs }) => jobs.build?.names[index] ?? '');
  const modified = useSelector((state) => findOutcome(state, index)?.driveModified === true);
  const stops = useSelector(({ jobs }) => mayStopOutput(jobs.build, index));
  if (id === null || !stops) return null;
  const close = (): void => dispatch({ type: 'asked', question: null });
  return (
    <AlertDialog title={t('lanes.stop.title', { name })} onClose={close}>
      <p>{modified ? t('job.stop.drive', { count: 1 }) : t('failed.unmodified')}</p>
      <p className="muted">{t('lanes.stop.others')}</p>
      <div className="dialog-buttons">
        <Button className="button" autoFocus onPress={close}>
          {t('job.stop.no')}
        </Button>
        <Button
          className="button danger"
          onPress={() => {
            close();
            attempt(() => invoke('job.stopOutput', { id, output: index }));
          }}
        >
          {t('job.stop.yes')}
        </Button>
      </div>
    </AlertDialog>
  );
}

/** What stopping now leaves behind. */
function Consequence({ job }: { readonly job: Stoppable | null }): ReactNode {
  const { t } = useWords();
  if (job?.kind !== 'build') return null;
  if (job.drives === 0) return <p>{t('job.stop.file')}</p>;
  return (
    <p>{job.driveModified ? t('job.stop.drive', { count: job.drives }) : t('failed.unmodified')}</p>
  );
}

function ClosingDialog(): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t } = useWords();
  const [leaving, setLeaving] = useState(false);
  const job = useSelector(stoppable);
  const updates = useSelector(({ vehicle }) => isUpdating(vehicle));
  const stops = job?.stops === true || (job === null && updates);
  const close = (): void => dispatch({ type: 'asked', question: null });
  return (
    <AlertDialog title={t(stops ? 'closing.title' : 'closing.soon.title')} onClose={close}>
      {job !== null && <p>{t(stops ? 'closing.body' : 'closing.soon')}</p>}
      {updates && <p>{t('vehicle-closing')}</p>}
      {stops && <Consequence job={job} />}
      <div className="dialog-buttons">
        <Button className="button" autoFocus isDisabled={leaving} onPress={close}>
          {t('closing.stay')}
        </Button>
        <Button
          className={stops ? 'button danger' : 'button'}
          isDisabled={leaving}
          onPress={() => {
            setLeaving(true);
            attempt(() => invoke('app.close'));
          }}
        >
          {t(stops ? 'closing.stop' : 'closing.soon.yes')}
        </Button>
      </div>
    </AlertDialog>
  );
}
