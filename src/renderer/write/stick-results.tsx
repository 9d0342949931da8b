import { CircleCheck, CircleSlash, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ErrorData } from '../../shared/errors.ts';
import { refreshText } from '../../shared/refresh-text.ts';
import { driveOutcomes, type DriveOutcome } from '../state/job-selectors.ts';
import { placeOf } from '../sticks/drive-facts.tsx';
import { useSelector, useWords } from '../state/use-store.ts';
import './lanes.css';

const ICONS = { good: CircleCheck, bad: TriangleAlert, plain: CircleSlash } as const;

/** What became of each stick: which one it is, how it ended, what state it is in. */
export function StickResults(): ReactNode {
  const { t } = useWords();
  const build = useSelector(({ jobs }) => jobs.build);
  const drives = driveOutcomes(build);
  if (drives.length === 0) return null;
  const sorted = drives.toSorted((a, b) => Number(isDone(a)) - Number(isDone(b)));
  return (
    <ul className="stick-results" aria-label={t('lanes.label')}>
      {sorted.map((drive) => (
        <StickResult key={drive.index} drive={drive} isAlone={drives.length === 1} />
      ))}
    </ul>
  );
}

function isDone({ outcome }: DriveOutcome): boolean {
  return outcome.state === 'done';
}

interface StickResultProps {
  readonly drive: DriveOutcome;
  /** Then the title says how it ended. */
  readonly isAlone: boolean;
}

function StickResult({ drive, isAlone }: StickResultProps): ReactNode {
  const words = useWords();
  const { t } = words;
  const { state, ejected, driveModified, error, refresh } = drive.outcome;
  const tone = state === 'done' ? 'good' : state === 'failed' ? 'bad' : 'plain';
  const Icon = ICONS[tone];
  return (
    <li>
      <Icon aria-hidden size={16} className={tone} />
      <span>
        <StickName drive={drive} />
        {state === 'done' && !isAlone && (
          <span>{t(ejected ? 'done.drive' : 'done.drive.stays')}</span>
        )}
        {state === 'done' && refresh !== undefined && (
          <span className="muted">{refreshText(refresh, words)}</span>
        )}
        {state !== 'done' && (
          <>
            {!isAlone && <Reason error={state === 'failed' ? error : null} />}
            <span>{t(driveModified ? 'failed.modified' : 'failed.unmodified')}</span>
          </>
        )}
      </span>
    </li>
  );
}

function Reason({ error: data }: { readonly error: ErrorData | null }): ReactNode {
  const { t, error } = useWords();
  return <span>{data === null ? t('failed.cancelled') : error(data).what}</span>;
}

/** Name of a stick with what tells it from another one like it. */
export function StickName({ drive }: { readonly drive: DriveOutcome }): ReactNode {
  const words = useWords();
  const { request } = drive.outcome;
  const serial = request.kind === 'drive' ? request.identity.serial : null;
  const place = placeOf({ serial, port: drive.port }, words);
  return (
    <span className="lane-name">
      {drive.name}{' '}
      <span className="muted lane-place">
        {place.map((part) => (
          <span key={part}>{part}</span>
        ))}
      </span>
    </span>
  );
}
