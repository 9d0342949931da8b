import type { ReactNode } from 'react';
import { Button, ProgressBar } from 'react-aria-components';
import { slowestLane } from '../../shared/model/outcome.ts';
import { overallFraction } from '../../shared/model/progress.ts';
import { refreshPlanText } from '../../shared/refresh-text.ts';
import {
  findOutcome,
  mayStopOutput,
  severalDrives,
  type DriveOutcome,
} from '../state/job-selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { StickName } from './stick-results.tsx';
import './lanes.css';

/** A line for each of several sticks that are being written; nothing for one. */
export function Lanes(): ReactNode {
  const { t } = useWords();
  const drives = useSelector(({ jobs }) => severalDrives(jobs.build).map(({ index }) => index));
  if (drives.length === 0) return null;
  return (
    <ul className="lanes" aria-label={t('lanes.label')}>
      {drives.map((index) => (
        <Lane key={index} index={index} />
      ))}
    </ul>
  );
}

function Lane({ index }: { readonly index: number }): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const outcome = useSelector((state) => findOutcome(state, index));
  const name = useSelector(({ jobs }) => jobs.build?.names[index] ?? '');
  const port = useSelector(({ jobs }) => jobs.build?.ports[index] ?? null);
  const stops = useSelector(({ jobs }) => mayStopOutput(jobs.build, index));
  if (outcome === null) return null;
  const drive: DriveOutcome = { index, name, port, outcome };
  return (
    <li className="lane">
      <StickName drive={drive} />
      <LaneState index={index} />
      <Button
        className="button quiet"
        isDisabled={!stops}
        aria-label={t('lanes.stop', { name })}
        onPress={() => dispatch({ type: 'asked', question: { stopOutput: index } })}
      >
        {t('job.stop')}
      </Button>
    </li>
  );
}

function LaneState({ index }: { readonly index: number }): ReactNode {
  const words = useWords();
  const { t, format, error } = words;
  const outcome = useSelector((state) => findOutcome(state, index));
  const progress = useSelector(({ jobs }) => jobs.build?.lanes[index] ?? null);
  const isSlowest = useSelector(
    ({ jobs: { build } }) =>
      build !== null &&
      build.outcomes[index]?.phase === 'write' &&
      slowestLane(build.outcomes, build.lanes) === index,
  );
  if (outcome === null) return null;
  const { state, phase, refresh } = outcome;
  if (state !== 'running' || phase === null) {
    const why = outcome.error === null || state === 'cancelled' ? null : error(outcome.error).what;
    return (
      <span className="lane-state" data-state={state} role="status">
        {t(`lane.${state}`)}
        {why !== null && <span className="muted">{why}</span>}
      </span>
    );
  }
  const fraction = overallFraction(progress?.phase === phase ? progress : null, true);
  const facts = [
    t(`phase.${phase}`),
    ...(fraction === null ? [] : [format.percent(fraction)]),
    ...(isSlowest ? [t('lane.slowest')] : []),
    ...(refresh === undefined ? [] : [refreshPlanText(refresh, words)]),
  ];
  return (
    <span className="lane-state">
      <span>{facts.join(' · ')}</span>
      <ProgressBar
        aria-label={t('job.progress')}
        isIndeterminate={fraction === null}
        value={(fraction ?? 0) * 100}
      >
        <div className="bar">
          <div className="bar-done" style={{ width: `${(fraction ?? 0) * 100}%` }} />
        </div>
      </ProgressBar>
    </span>
  );
}
