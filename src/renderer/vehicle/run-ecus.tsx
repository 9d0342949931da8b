import { CircleCheck, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { ProgressBar } from 'react-aria-components';
import { failureMeaning, phaseFraction, type EcuOutcome } from '../../shared/model/vehicle.ts';
import type { RunEcu, VehicleRun } from '../../shared/model/vehicle-state.ts';
import { useSelector, useWords } from '../state/use-store.ts';

/** A line for each ECU of an update. */
export function RunEcus({ run }: { readonly run: VehicleRun }): ReactNode {
  const { t } = useWords();
  return (
    <ul className="run-ecus">
      {run.ecus.map((ecu) => (
        <li key={ecu.ecuId} data-ecu={ecu.ecuId}>
          <p>
            <strong>{ecu.ecuId}</strong>{' '}
            <span className="muted">{`${ecu.from || t('vehicle.none')} → ${ecu.to}`}</span>
          </p>
          {ecu.outcome === null ? <EcuProgress ecu={ecu} run={run} /> : <End {...ecu.outcome} />}
        </li>
      ))}
    </ul>
  );
}

function End(outcome: EcuOutcome): ReactNode {
  const { t } = useWords();
  if (outcome.kind === 'updated')
    return (
      <p className="status good" role="status">
        <CircleCheck aria-hidden size={16} />
        {t('vehicle-run.updated')}
      </p>
    );
  const { reason, detail } = outcome;
  const [line = ''] = detail.split('\n');
  return (
    <div className="error-text" role="alert">
      <TriangleAlert aria-hidden size={16} />
      <div>
        <p>{t(`outcome.${reason}`)}</p>
        {reason === 'failure' && <p>{t(`failure.${failureMeaning(detail)}`)}</p>}
        {reason === 'failure' && line !== '' && <p className="muted">{line}</p>}
      </div>
    </div>
  );
}

function EcuProgress({ ecu, run }: { readonly ecu: RunEcu; readonly run: VehicleRun }): ReactNode {
  const { t, format } = useWords();
  const seen = useSelector(({ vehicle }) =>
    vehicle.link?.ecus.find(({ status }) => status.ecuId === ecu.ecuId),
  );
  const isRunning = run.state === 'running' || run.state === 'stopping';
  const state = seen?.status.state;
  const progress = seen?.status.progress ?? null;
  const isAtIt = state === 'updating' || state === 'client-updating';
  if (run.state === 'stopped') return <p className="muted">{t('outcome.stopped')}</p>;
  if (!isRunning) return null;
  if (!run.triggered || !isAtIt || progress === null)
    return <p className="muted">{t('vehicle-run.waiting')}</p>;
  const fraction = phaseFraction(progress);
  const { bytesPerSecond = null, secondsLeft = null } = seen?.speed ?? {};
  const facts = [
    t(`update-phase.${progress.phase}`),
    ...(fraction === null ? [] : [format.percent(fraction)]),
    ...(bytesPerSecond === null ? [] : [format.bytesPerSecond(bytesPerSecond)]),
    ...(secondsLeft === null ? [] : [t('cli.left', { time: format.duration(secondsLeft) })]),
  ];
  return (
    <ProgressBar
      className="vehicle-progress"
      aria-label={t('vehicle-run.progress', { ecuId: ecu.ecuId })}
      isIndeterminate={fraction === null}
      value={(fraction ?? 0) * 100}
    >
      <p className="progress-facts">{facts.join(' · ')}</p>
      {fraction !== null && (
        <div className="bar">
          <div className="bar-done" style={{ width: `${fraction * 100}%` }} />
        </div>
      )}
    </ProgressBar>
  );
}
