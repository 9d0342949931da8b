import { Check, Circle, LoaderCircle } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { Button, ProgressBar } from 'react-aria-components';
import type { JobSnapshot } from '../../shared/ipc.ts';
import { PHASES, type Phase } from '../../shared/model/progress.ts';
import {
  buildOutcomes,
  buildRequests,
  hasDrive,
  isDriveModified,
  mayStop,
  phasesOf,
  type JobFacts,
} from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { Lanes } from './lanes.tsx';
import { JobNotices } from './job-notices.tsx';

/** A running build: where it is, how far, how fast, how long still. */
export function JobProgress({ job }: { readonly job: JobFacts }): ReactNode {
  const { dispatch } = useStore();
  const stops = useSelector(({ jobs }) => mayStop(jobs.build));
  const { t } = useWords();
  const onDrive = useSelector((state) => hasDrive(buildOutcomes(state)));
  const modified = useSelector((state) => isDriveModified(buildOutcomes(state)));
  const place = useRef<HTMLDivElement>(null);
  // Where the steps stand one below the other, the person sees what was started.
  useEffect(() => {
    place.current?.parentElement?.scrollIntoView({ block: 'nearest' });
  }, []);
  const stopping = job.state === 'cancelling';
  return (
    <div ref={place} className="step-body job">
      <PhaseList />
      <ProgressFacts kind="build" />
      <Lanes />
      <div className="step-end">
        <JobNotices job={job} />
        {onDrive && <p className="muted hint">{t(modified ? 'job.stay' : 'job.password')}</p>}
        <Button
          className="button"
          isDisabled={!stops}
          onPress={() => dispatch({ type: 'asked', question: 'stop' })}
        >
          {t(stopping ? 'job.stopping' : 'job.stop')}
        </Button>
      </div>
    </div>
  );
}

function PhaseList(): ReactNode {
  const { t } = useWords();
  const phase = useSelector(({ jobs }) => jobs.build?.progress?.phase ?? null);
  const phases = useSelector((state) => phasesOf(buildRequests(state)));
  const shown = phase === null || phases.includes(phase) ? phases : withPhase(phases, phase);
  const now = phase === null ? -1 : PHASES.indexOf(phase);
  return (
    <>
      <p role="status" className="sr-only">
        {phase === null ? t('job.working') : t(`phase.${phase}`)}
      </p>
      <ol className="phases">
        {shown.map((name) => {
          const at = PHASES.indexOf(name);
          const state = at < now ? 'past' : at === now ? 'now' : 'later';
          return (
            <li key={name} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
              {state === 'past' && <Check aria-hidden size={16} />}
              {state === 'now' && <LoaderCircle aria-hidden size={16} className="turning" />}
              {state === 'later' && <Circle aria-hidden size={16} />}
              {t(`phase.${name}`)}
            </li>
          );
        })}
      </ol>
    </>
  );
}

function withPhase(phases: readonly Phase[], phase: Phase): readonly Phase[] {
  return PHASES.filter((name) => name === phase || phases.includes(name));
}

/** Bar, bytes, speed and time left of the job of one kind. */
export function ProgressFacts({ kind }: { readonly kind: JobSnapshot['kind'] }): ReactNode {
  const { t, format } = useWords();
  const progress = useSelector(({ jobs }) => jobs[kind]?.progress ?? null);
  const { bytesDone = 0, bytesTotal = null, bytesPerSecond = null } = progress ?? {};
  const left = progress?.secondsLeft ?? null;
  const fraction = bytesTotal === null || bytesTotal === 0 ? null : bytesDone / bytesTotal;
  return (
    <div className="progress">
      <p className="progress-percent">{fraction === null ? '–' : format.percent(fraction)}</p>
      <ProgressBar
        aria-label={t('job.progress')}
        isIndeterminate={fraction === null}
        value={(fraction ?? 0) * 100}
      >
        <div className="bar tall">
          <div className="bar-done" style={{ width: `${(fraction ?? 0) * 100}%` }} />
        </div>
      </ProgressBar>
      <p className="progress-facts">
        {bytesTotal !== null && (
          <span title={t('job.exact', { done: bytesDone, total: bytesTotal })}>
            {t('job.bytes', { done: bytesDone, total: bytesTotal })}
          </span>
        )}
        {bytesPerSecond !== null && <span>{format.bytesPerSecond(bytesPerSecond)}</span>}
        {left !== null && left > 0 && <span>{t('job.left', { time: format.duration(left) })}</span>}
      </p>
    </div>
  );
}
