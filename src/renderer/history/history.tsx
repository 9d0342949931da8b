import { useEffect, useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import type { HistoryEntry } from '../../shared/history.ts';
import { fileName } from '../../shared/file-name.ts';
import { invoke } from '../api/bridge.ts';
import { Screen } from '../components/screen.tsx';
import { refreshText } from '../../shared/refresh-text.ts';
import { placeOf } from '../sticks/drive-facts.tsx';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { HistorySearch } from './history-search.tsx';
import { Record } from './record.tsx';
import { RESULT_ICONS, RESULT_TONES } from './results.ts';
import { searchHistory, type HistoryFilter } from './search-history.ts';
import './history.css';
import './print.css';

/** Entries that are shown; the export has all that were found. */
const SHOWN = 200;

/** What was written and checked when, by whom, and onto what; each with its report. */
export function HistoryScreen(): ReactNode {
  const { dispatch, attempt } = useStore();
  const words = useWords();
  const { t } = words;
  const job = useSelector((state) => state.historyJob);
  const [entries, setEntries] = useState<readonly HistoryEntry[] | null>(null);
  const [opened, setOpened] = useState<string | null>(null);
  const [search, setSearch] = useState('');
  const [filter, setFilter] = useState<HistoryFilter>('all');
  useEffect(() => attempt(async () => setEntries(await invoke('history.list'))), [attempt]);
  const found = searchHistory(entries ?? [], { search, filter, job }, words);
  // Of a job with one entry, that is what was asked for.
  const only = job !== null && found.length === 1 ? found[0] : undefined;
  const shown = entries?.find(({ id }) => id === opened) ?? only;
  const showAll = (): void => dispatch({ type: 'screen', screen: 'history' });
  const exportCsv = async (): Promise<void> => {
    const saved = await invoke('history.export', { ids: found.map(({ id }) => id) });
    if (saved !== null) dispatch({ type: 'noticed', notice: { saved } });
  };
  if (shown !== undefined)
    return (
      // Each of the two takes the focus when it appears: the button that led there is gone.
      <Screen key="record" title={t('record.title')}>
        <Record
          entry={shown}
          onBack={() => {
            setOpened(null);
            if (shown === only) showAll();
          }}
        />
      </Screen>
    );
  return (
    <Screen
      key="history"
      title={t('history.title')}
      actions={
        found.length > 0 && (
          <Button className="button" onPress={() => attempt(exportCsv)}>
            {t('history.export')}
          </Button>
        )
      }
    >
      {job !== null && (
        <p className="row">
          {t('history.of-job')}
          <Button className="button quiet" onPress={showAll}>
            {t('history.all')}
          </Button>
        </p>
      )}
      {entries !== null && entries.length > 0 && job === null && (
        <HistorySearch
          search={search}
          filter={filter}
          count={found.length}
          onSearch={setSearch}
          onFilter={setFilter}
        />
      )}
      {entries?.length === 0 && <p className="muted">{t('history.empty')}</p>}
      <ul className="history">
        {found.slice(0, SHOWN).map((entry) => (
          <Entry key={entry.id} entry={entry} onOpen={() => setOpened(entry.id)} />
        ))}
      </ul>
      {found.length > SHOWN && (
        <p className="muted">{t('history.more', { count: found.length - SHOWN })}</p>
      )}
    </Screen>
  );
}

interface EntryProps {
  readonly entry: HistoryEntry;
  readonly onOpen: () => void;
}

function Entry({ entry, onOpen }: EntryProps): ReactNode {
  const words = useWords();
  const { t, error, format } = words;
  const Icon = RESULT_ICONS[entry.result];
  const time = format.dateTime(entry.startedAt);
  const images = entry.images.map(({ ecuId }) => ecuId).join(', ');
  return (
    <li className="card history-entry">
      <div className="history-when">
        <p className="history-time">{time}</p>
        <p className="muted">{t(`history.kind.${entry.kind}`)}</p>
      </div>
      <div>
        <p>
          {entry.images.map(({ ecuId, version }) => (
            <span key={ecuId} className="history-image">
              <strong>{ecuId}</strong> <span className="muted">{version}</span>
            </span>
          ))}
        </p>
        {entry.outcomes.map(({ kind, name, serial, port, result, refresh }, at) => (
          // Two sticks without serial may have one name.
          <p key={at} className="muted">
            {t(`output.${kind}`)}: {kind === 'drive' ? name : fileName(name)}
            {kind === 'drive' && ` · ${placeOf({ serial, port }, words).join(' · ')}`}
            {entry.result === 'partial' && ` · ${t(`history.result.${result}`)}`}
            {refresh !== undefined && ` · ${refreshText(refresh, words)}`}
          </p>
        ))}
        {entry.result === 'failed' && entry.error !== null && (
          <p className="muted">{error(entry.error).what}</p>
        )}
      </div>
      <div className="history-end">
        <p className={`status ${RESULT_TONES[entry.result]}`}>
          <Icon aria-hidden size={16} />
          {t(`history.result.${entry.result}`)}
        </p>
        <Button
          className="button quiet"
          aria-label={t('history.open.of', { time, images })}
          onPress={onOpen}
        >
          {t('history.open')}
        </Button>
      </div>
    </li>
  );
}
