import { Check, Circle, LoaderCircle } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { Button, ProgressBar } from 'react-aria-components';
import type { JobSnapshot } from '../../shared/ipc.ts';
import { isReadBack } from '../../shared/model/outcome.ts';
import { overallFraction, PHASES, type Phase } from '../../shared/model/progress.ts';
import { refreshPlanText } from '../../shared/refresh-text.ts';
import {
  buildOutcomes,
  buildRequests,
  driveOutcomes,
  isDriveModified,
  mayStop,
  phasesOf,
  type JobFacts,
} from '../state/job-selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { Lanes } from './lanes.tsx';
import { JobNotices } from './job-notices.tsx';

/** A running build: how far it is as a whole, how long still, and where each stick is. */
export function JobProgress({ job }: { readonly job: JobFacts }): ReactNode {
  const { dispatch } = useStore();
  const stops = useSelector(({ jobs }) => mayStop(jobs.build));
  const { t } = useWords();
  const drives = useSelector(({ jobs }) => driveOutcomes(jobs.build).length);
  const modified = useSelector((state) => isDriveModified(buildOutcomes(state)));
  const place = useRef<HTMLDivElement>(null);
  // Where the steps are one below the other, the person sees what was started.
  useEffect(() => {
    place.current?.parentElement?.scrollIntoView({ block: 'nearest' });
  }, []);
  const stopping = job.state === 'cancelling';
  return (
    <div ref={place} className="step-body job">
      <ProgressFacts kind="build" />
      <PhaseList />
      <RefreshPlan />
      {drives > 0 && (
        <p className="stay">{modified ? t('job.stay', { count: drives }) : t('job.password')}</p>
      )}
      <Lanes />
      <JobNotices job={job} />
      <div className="step-end">
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
  );
}

/** What a single stick that is refreshed lacks, as soon as it was looked at; of several, each line says it. */
function RefreshPlan(): ReactNode {
  const words = useWords();
  const refresh = useSelector(({ jobs }) => {
    const drives = driveOutcomes(jobs.build);
    return drives.length === 1 ? drives[0]?.outcome.refresh : undefined;
  });
  return refresh === undefined ? null : <p className="muted">{refreshPlanText(refresh, words)}</p>;
}

function withPhase(phases: readonly Phase[], phase: Phase): readonly Phase[] {
  return PHASES.filter((name) => name === phase || phases.includes(name));
}

/** Phases without bytes to count: what is waited for is said in words. */
const WAITS = ['look', 'prepare', 'flush', 'commit', 'eject'] as const satisfies readonly Phase[];

/** One bar for the whole job of one kind, with the time left of all of it. */
export function ProgressFacts({ kind }: { readonly kind: JobSnapshot['kind'] }): ReactNode {
  const { t, format } = useWords();
  const progress = useSelector(({ jobs }) => jobs[kind]?.progress ?? null);
  const drives = useSelector(({ jobs }) => driveOutcomes(jobs[kind]).length);
  const readsBack = useSelector(({ jobs }) => isReadBack(jobs[kind]?.outcomes ?? []));
  const { phase = null, bytesDone = 0, bytesTotal = null, bytesPerSecond = null } = progress ?? {};
  const left = Math.round(progress?.secondsLeft ?? 0);
  const fraction = overallFraction(progress, readsBack);
  const wait = WAITS.find((name) => name === phase);
  const before = phase === null ? t('job.working') : t(`phase.${phase}`);
  return (
    <div className="progress">
      <p className="progress-percent">{fraction === null ? before : format.percent(fraction)}</p>
      <ProgressBar
        aria-label={t('job.progress')}
        isIndeterminate={fraction === null}
        value={(fraction ?? 0) * 100}
      >
        <div
          className="bar tall"
          data-waiting={wait !== undefined || fraction === null || undefined}
        >
          <div className="bar-done" style={{ width: `${(fraction ?? 0) * 100}%` }} />
        </div>
      </ProgressBar>
      <p className="progress-facts">
        {wait === 'commit' && <span>{t('job.wait.commit')}</span>}
        {wait !== undefined && wait !== 'commit' && (
          <span>{t(`job.wait.${wait}`, { count: Math.max(1, drives) })}</span>
        )}
        {wait === undefined && bytesTotal !== null && bytesTotal > 0 && (
          <>
            <span title={t('job.exact', { done: bytesDone, total: bytesTotal })}>
              {t('job.bytes', { done: bytesDone, total: bytesTotal })}
            </span>
            {bytesPerSecond !== null && <span>{format.bytesPerSecond(bytesPerSecond)}</span>}
          </>
        )}
        {left > 0 && <span>{t('job.left', { time: format.duration(left) })}</span>}
      </p>
    </div>
  );
}
