import { CircleSlash, TriangleAlert } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import type { JobSnapshot } from '../../shared/ipc.ts';
import { invoke } from '../api/bridge.ts';
import { useStore, useWords } from '../state/store.tsx';

/** A build that ended early: what happened, what state the stick is in, what to do next. */
export function JobFailure({ job }: { readonly job: JobSnapshot }): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t, error } = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  if (job.error === null) return null;
  const cancelled = job.error.code === 'cancelled';
  const { what, next } = error(job.error);
  const hasDrive = job.outputs.some((output) => output.kind === 'drive');
  const state = hasDrive
    ? t(job.touched ? 'failed.touched' : 'failed.untouched')
    : t('failed.file');
  const Icon = cancelled ? CircleSlash : TriangleAlert;
  const saveReport = async (): Promise<void> => {
    const saved = await invoke('job.saveReport', { id: job.id });
    if (saved !== null) dispatch({ type: 'noticed', notice: { saved } });
  };
  return (
    <div className="step-body result">
      <h3 ref={heading} tabIndex={-1} className={cancelled ? 'result-title' : 'result-title bad'}>
        <Icon aria-hidden size={22} />
        {t(cancelled ? 'failed.cancelled' : 'failed.title')}
      </h3>
      {!cancelled && <p>{what}</p>}
      <p>{state}</p>
      <p className="muted">{next}</p>
      <div className="step-end">
        <Button
          className="button large next-action"
          onPress={() => attempt(() => invoke('job.dismiss', { id: job.id }))}
        >
          {t(cancelled ? 'failed.back' : 'failed.again')}
        </Button>
        {!cancelled && (
          <Button className="button quiet" onPress={() => attempt(saveReport)}>
            {t('done.report')}
          </Button>
        )}
      </div>
    </div>
  );
}
