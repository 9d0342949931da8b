import { CircleCheck, CircleSlash, TriangleAlert } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import type { HistoryEntry } from '../../shared/ipc.ts';
import { invoke } from '../api/bridge.ts';
import { Screen } from '../components/screen.tsx';
import { fileName } from '../../shared/file-name.ts';
import { refreshText } from '../../shared/refresh-text.ts';
import { useStore, useWords } from '../state/use-store.ts';
import './history.css';

const ICONS = {
  verified: CircleCheck,
  saved: CircleCheck,
  cancelled: CircleSlash,
  partial: TriangleAlert,
  failed: TriangleAlert,
} as const;
const TONES = {
  verified: 'good',
  saved: 'good',
  cancelled: '',
  partial: 'bad',
  failed: 'bad',
} as const;

/** Entries that are shown; the export has all. */
const SHOWN = 200;

/** What was built when, for which ECUs, onto what. */
export function HistoryScreen(): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t } = useWords();
  const [entries, setEntries] = useState<readonly HistoryEntry[] | null>(null);
  useEffect(() => attempt(async () => setEntries(await invoke('history.list'))), [attempt]);
  const exportCsv = async (): Promise<void> => {
    const saved = await invoke('history.export');
    if (saved !== null) dispatch({ type: 'noticed', notice: { saved } });
  };
  return (
    <Screen
      title={t('history.title')}
      actions={
        entries !== null &&
        entries.length > 0 && (
          <Button className="button" onPress={() => attempt(exportCsv)}>
            {t('history.export')}
          </Button>
        )
      }
    >
      {entries?.length === 0 && <p className="muted">{t('history.empty')}</p>}
      <ul className="history">
        {entries?.slice(0, SHOWN).map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ul>
      {entries !== null && entries.length > SHOWN && (
        <p className="muted">{t('history.more', { count: entries.length - SHOWN })}</p>
      )}
    </Screen>
  );
}

function Entry({ entry }: { readonly entry: HistoryEntry }): ReactNode {
  const words = useWords();
  const { t, error, format } = words;
  const Icon = ICONS[entry.result];
  return (
    <li className="card history-entry">
      <p className="history-time">{format.dateTime(entry.startedAt)}</p>
      <div>
        <p>
          {entry.images.map(({ ecuId, version }) => (
            <span key={ecuId} className="history-image">
              <strong>{ecuId}</strong> <span className="muted">{version}</span>
            </span>
          ))}
        </p>
        {entry.outcomes.map(({ kind, name, serial, result, refresh }) => (
          <p key={`${name} ${serial ?? ''}`} className="muted">
            {t(`output.${kind}`)}: {kind === 'drive' ? name : fileName(name)}
            {serial !== null && ` · ${serial}`}
            {entry.result === 'partial' && ` · ${t(`history.result.${result}`)}`}
            {refresh !== undefined && ` · ${refreshText(refresh, words)}`}
          </p>
        ))}
        {entry.result === 'failed' && entry.error !== null && (
          <p className="muted">{error(entry.error).what}</p>
        )}
      </div>
      <p className={`status ${TONES[entry.result]}`}>
        <Icon aria-hidden size={16} />
        {t(`history.result.${entry.result}`)}
      </p>
    </li>
  );
}
