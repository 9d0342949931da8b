import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import type { JobSnapshot } from '../../shared/ipc.ts';
import { invoke } from '../api/bridge.ts';
import { AlertDialog } from '../components/dialog.tsx';
import { mayStop, runningJob } from '../state/selectors.ts';
import { useStore, useWords } from '../state/store.tsx';
import { ConfirmDialog } from './confirm.tsx';

/** Whatever a person is asked right now. */
export function Questions(): ReactNode {
  const { state } = useStore();
  switch (state.question) {
    case 'confirm':
      return <ConfirmDialog />;
    case 'stop':
      return <StopDialog />;
    case 'closing':
      return <ClosingDialog />;
    case null:
      return null;
  }
}

function StopDialog(): ReactNode {
  const { state, dispatch, attempt } = useStore();
  const { t } = useWords();
  const job = runningJob(state);
  if (job === null || !mayStop(job)) return null;
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

/** What stopping now leaves behind. */
function Consequence({ job }: { readonly job: JobSnapshot | null }): ReactNode {
  const { t } = useWords();
  if (job?.kind !== 'build') return null;
  const hasDrive = job.outputs.some((output) => output.kind === 'drive');
  if (!hasDrive) return <p>{t('job.stop.file')}</p>;
  return <p>{t(job.touched ? 'job.stop.drive' : 'failed.untouched')}</p>;
}

function ClosingDialog(): ReactNode {
  const { state, dispatch, attempt } = useStore();
  const { t } = useWords();
  const [leaving, setLeaving] = useState(false);
  const job = runningJob(state);
  const stops = mayStop(job);
  const close = (): void => dispatch({ type: 'asked', question: null });
  return (
    <AlertDialog title={t(stops ? 'closing.title' : 'closing.soon.title')} onClose={close}>
      <p>{t(stops ? 'closing.body' : 'closing.soon')}</p>
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
