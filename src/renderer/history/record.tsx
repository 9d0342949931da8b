import { ArrowLeft, Printer } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import type { HistoryEntry } from '../../shared/history.ts';
import { localTime, utcOffset } from '../../shared/local-time.ts';
import { invoke } from '../api/bridge.ts';
import { refreshText } from '../../shared/refresh-text.ts';
import { ErrorText } from '../components/error-text.tsx';
import { ResultTitle } from '../components/result-title.tsx';
import { useStore, useWords } from '../state/use-store.ts';
import { RESULT_ICONS, RESULT_TONES } from './results.ts';
import { labelled } from './label-text.ts';
import { Labels } from './labels.tsx';
import { print } from './print.ts';

interface RecordProps {
  readonly entry: HistoryEntry;
  readonly onBack: () => void;
}

/** All that is known of one entry, as it is printed too, and the labels of its sticks. */
export function Record({ entry, onBack }: RecordProps): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t, format } = useWords();
  const save = async (): Promise<void> => {
    const saved = await invoke('history.saveReport', { id: entry.id });
    if (saved !== null) dispatch({ type: 'noticed', notice: { saved } });
  };
  const facts = [
    [t('record.time'), `${localTime(entry.startedAt)} (UTC${utcOffset(entry.startedAt)})`],
    [t('record.duration'), format.duration(entry.milliseconds / 1000)],
    [t('record.operator'), entry.operator],
    [t('record.host'), entry.host],
  ] as const;
  return (
    <article className="record">
      <div className="row record-actions">
        <Button className="button quiet" onPress={onBack}>
          <ArrowLeft aria-hidden size={16} />
          {t('record.back')}
        </Button>
        <Button className="button" onPress={() => print('report')}>
          <Printer aria-hidden size={16} />
          {t('record.print')}
        </Button>
        <Button className="button" onPress={() => attempt(save)}>
          {t('record.save')}
        </Button>
      </div>
      <div className="record-report">
        <p className="record-app">{t('app.name')}</p>
        <ResultTitle level={2} tone={RESULT_TONES[entry.result]} Icon={RESULT_ICONS[entry.result]}>
          {t(`history.kind.${entry.kind}`)}: {t(`history.result.${entry.result}`)}
        </ResultTitle>
        <dl className="record-facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value ?? t('record.unknown')}</dd>
            </div>
          ))}
        </dl>
        <RecordImages entry={entry} />
        <RecordPlaces entry={entry} />
      </div>
      <RecordLabels entry={entry} />
    </article>
  );
}

function RecordImages({ entry: { images } }: { readonly entry: HistoryEntry }): ReactNode {
  const { t } = useWords();
  if (images.length === 0) return null;
  return (
    <section aria-labelledby="record-images">
      <h3 id="record-images">{t('record.images')}</h3>
      <ul className="record-list">
        {images.map(({ ecuId, version, digest, signer }) => (
          <li key={ecuId}>
            <p>
              <strong>{ecuId}</strong> {version}
            </p>
            <p className="muted">
              {t('record.signer')}: {signer ?? t('record.unknown')}
            </p>
            <p className="muted record-digest">
              {t('record.digest')}: {digest === null ? t('record.unknown') : <code>{digest}</code>}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function RecordPlaces({ entry: { outcomes } }: { readonly entry: HistoryEntry }): ReactNode {
  const words = useWords();
  const { t } = words;
  return (
    <section aria-labelledby="record-places">
      <h3 id="record-places">{t('record.places')}</h3>
      <ul className="record-list">
        {outcomes.map(({ kind, name, serial, port, result, error, faults, refresh }, at) => (
          // Two outputs may have one name: sticks without a serial.
          <li key={at}>
            <p>
              {t(`output.${kind}`)}: <span className="record-name">{name}</span>
              {serial !== null && ` · ${t('record.serial', { serial })}`}
              {port !== null && ` · ${t('stick.port', { port })}`}
            </p>
            <p className={RESULT_TONES[result]}>
              {t(`history.result.${result}`)}
              {faults > 0 && ` (${t('count.faults', { count: faults })})`}
            </p>
            {refresh !== undefined && <p className="muted">{refreshText(refresh, words)}</p>}
            {error !== null && <ErrorText error={error} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function RecordLabels({ entry }: { readonly entry: HistoryEntry }): ReactNode {
  const { t } = useWords();
  const sticks = labelled(entry);
  if (sticks.length === 0) return null;
  return (
    <section className="record-labels" aria-labelledby="record-labels">
      <div className="row record-actions">
        <h3 id="record-labels">{t('record.labels')}</h3>
        <Button className="button" onPress={() => print('labels')}>
          <Printer aria-hidden size={16} />
          {t('record.labels.print', { count: sticks.length })}
        </Button>
      </div>
      <p className="muted record-actions">{t('record.labels.hint')}</p>
      <Labels entry={entry} sticks={sticks} />
    </section>
  );
}
