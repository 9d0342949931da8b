import type { ReactNode } from 'react';
import type { HistoryEntry, HistoryOutcome } from '../../shared/history.ts';
import { localTime } from '../../shared/local-time.ts';
import { SERIAL_TAIL } from '../sticks/drive-facts.tsx';
import { useWords } from '../state/use-store.ts';
import { labelText } from './label-text.ts';
import { QrCode } from './qr-code.tsx';

interface LabelsProps {
  readonly entry: HistoryEntry;
  readonly sticks: readonly HistoryOutcome[];
}

/** A label for each stick, as it is printed. */
export function Labels({ entry, sticks }: LabelsProps): ReactNode {
  return (
    <ul className="labels">
      {sticks.map((stick, at) => (
        // Two sticks without serial may have one name.
        <li key={at} className="label">
          <Label entry={entry} stick={stick} />
        </li>
      ))}
    </ul>
  );
}

function Label({
  entry,
  stick,
}: {
  readonly entry: HistoryEntry;
  readonly stick: HistoryOutcome;
}): ReactNode {
  const { t } = useWords();
  return (
    <>
      <div className="label-text">
        {entry.images.map(({ ecuId, version }) => (
          <p key={ecuId}>
            <strong>{ecuId}</strong> {version}
          </p>
        ))}
        <p>{localTime(entry.startedAt).slice(0, 16)}</p>
        <p>
          {stick.serial === null
            ? t('stick.serial.none')
            : t('stick.serial', { serial: stick.serial.slice(-SERIAL_TAIL) })}
        </p>
      </div>
      <QrCode text={labelText(entry, stick)} label={t('record.label.code')} />
    </>
  );
}
