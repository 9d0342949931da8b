import { CircleCheck, CircleSlash, Info, TriangleAlert } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { isUpdated, isUpdating, type VehicleRun } from '../../shared/model/vehicle-state.ts';
import { invoke } from '../api/bridge.ts';
import { ErrorText } from '../components/error-text.tsx';
import { ResultTitle } from '../components/result-title.tsx';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { TrustCommand } from './command-text.tsx';
import { RunEcus } from './run-ecus.tsx';

/** An update: each ECU, what is in the way, and how it ended. */
export function Run(): ReactNode {
  const run = useSelector(({ vehicle }) => vehicle.run);
  if (run === null) return null;
  return (
    <div className="vehicle">
      {isUpdating({ run }) ? <Running run={run} /> : <Ended run={run} />}
    </div>
  );
}

function Running({ run }: { readonly run: VehicleRun }): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const isAway = useSelector(({ vehicle }) => (vehicle.link?.error ?? null) !== null);
  const heading = useRef<HTMLHeadingElement>(null);
  // What had the focus, the button of the question, is gone.
  useEffect(() => heading.current?.focus(), []);
  const stage =
    run.state === 'stopping' ? 'stopping' : run.triggered ? 'running' : ('starting' as const);
  return (
    <>
      <div role="status">
        <h2 ref={heading} tabIndex={-1}>
          {t(`vehicle-run.${stage}`)}
        </h2>
      </div>
      <p className="advice">
        <Info aria-hidden size={18} />
        {t('vehicle-run.keep')}
      </p>
      <Advice run={run} />
      <section className="panel" aria-label={t('vehicle-link.ecus')}>
        <RunEcus run={run} />
        {isAway && run.triggered && (
          <p className="muted" role="status">
            {t('vehicle-run.away')}
          </p>
        )}
        <Server run={run} />
      </section>
      <Button
        className="button"
        isDisabled={run.state === 'stopping'}
        onPress={() => dispatch({ type: 'asked', question: 'stop-update' })}
      >
        {t('vehicle-run.stop')}
      </Button>
    </>
  );
}

function Server({ run: { server, sentBytes } }: { readonly run: VehicleRun }): ReactNode {
  const { t } = useWords();
  if (server === null) return null;
  const { address, port } = server;
  const host = address.includes(':') ? `[${address}]` : address;
  return (
    <p className="muted progress-facts">
      {t('vehicle-run.server', { address: `${host}:${port}`, bytes: sentBytes })}
    </p>
  );
}

/** What is probably in the way, instead of silence. */
function Advice({ run: { diagnoses } }: { readonly run: VehicleRun }): ReactNode {
  const { t } = useWords();
  if (diagnoses.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="vehicle-advice">
      <h3 id="vehicle-advice">{t('vehicle-run.advice')}</h3>
      <div role="status">
        <ul className="vehicle-advice">
          {diagnoses.map((diagnosis) => (
            <li key={diagnosis} className="warning warn">
              <TriangleAlert aria-hidden size={16} />
              <span>{t(`diagnosis.${diagnosis}`)}</span>
              {diagnosis === 'tls-failed' && <TrustCommand kind="install" />}
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

function Ended({ run }: { readonly run: VehicleRun }): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t } = useWords();
  const isDone = isUpdated(run);
  const again = async (): Promise<void> => {
    await invoke('vehicle.dismiss');
  };
  const another = async (): Promise<void> => {
    await invoke('vehicle.dismiss');
    await invoke('vehicle.disconnect');
    dispatch({ type: 'vehicle-edited', changes: { leftOut: [] } });
  };
  return (
    <>
      <EndTitle run={run} />
      {run.error !== null && <ErrorText error={run.error} />}
      {run.stopAnswer !== null && <p>{t(`vehicle.stopped.${run.stopAnswer}`)}</p>}
      {!isDone && <Advice run={run} />}
      {run.triggered && (
        <section className="panel" aria-label={t('vehicle-link.ecus')}>
          <RunEcus run={run} />
          {!isDone && run.stopAnswer === null && <p className="muted">{t('vehicle-run.kept')}</p>}
        </section>
      )}
      {isDone && run.way === 'own' && <Distrust />}
      <div className="row" data-next>
        {!isDone && (
          <Button className="button large next-action" onPress={() => attempt(again)}>
            {t('vehicle-run.again')}
          </Button>
        )}
        <Button
          className={isDone ? 'button large next-action' : 'button large'}
          onPress={() => attempt(another)}
        >
          {t('vehicle-run.another')}
        </Button>
      </div>
    </>
  );
}

function EndTitle({ run }: { readonly run: VehicleRun }): ReactNode {
  const { t } = useWords();
  if (isUpdated(run))
    return (
      <ResultTitle level={2} tone="good" Icon={CircleCheck}>
        {t('vehicle-run.done')}
      </ResultTitle>
    );
  if (run.state === 'stopped')
    return (
      <ResultTitle level={2} tone="plain" Icon={CircleSlash}>
        {t('vehicle-run.stopped')}
      </ResultTitle>
    );
  const some = run.ecus.some(({ outcome }) => outcome?.kind === 'updated');
  return (
    <ResultTitle level={2} tone="bad" Icon={TriangleAlert}>
      {t(some ? 'vehicle-run.partly' : 'vehicle-run.failed')}
    </ResultTitle>
  );
}

/** A trust that is not needed any more should not stay. */
function Distrust(): ReactNode {
  const { t } = useWords();
  return (
    <section className="panel what-to-set">
      <p className="muted">{t('vehicle-run.distrust')}</p>
      <TrustCommand kind="remove" />
    </section>
  );
}
