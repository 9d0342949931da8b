import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { invoke } from '../api/bridge.ts';
import { buildOutcomes, drivesToRepeat, severalDrives } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import './lanes.css';

/** What became of each of several sticks; nothing of one. */
export function LaneResults(): ReactNode {
  const { t, error } = useWords();
  const outcomes = useSelector(buildOutcomes);
  const names = useSelector(({ jobs }) => jobs.build?.names ?? []);
  const drives = severalDrives({ outcomes: [...outcomes], names: [...names] });
  if (drives.length === 0) return null;
  return (
    <ul className="lane-results" aria-label={t('lanes.label')}>
      {drives.map(({ index, name, outcome }) => {
        const { state, ejected, driveModified } = outcome;
        return (
          <li key={index}>
            <span className="lane-name">{name}</span>
            {state === 'done' ? (
              <span>{t(ejected ? 'done.drive' : 'done.drive.stays')}</span>
            ) : (
              <span className="muted">
                {outcome.error !== null && state === 'failed'
                  ? error(outcome.error).what
                  : t('failed.cancelled')}{' '}
                {t(driveModified ? 'failed.modified' : 'failed.unmodified')}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Chooses the sticks that are not complete once more; they are confirmed as ever. */
export function RepeatButton({ id }: { readonly id: string }): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t } = useWords();
  const several = useSelector(({ jobs }) => severalDrives(jobs.build).length > 0);
  const chosen = useSelector(drivesToRepeat);
  if (!several || chosen.length === 0) return null;
  const repeat = async (): Promise<void> => {
    await invoke('job.dismiss', { id });
    dispatch({ type: 'drives-chosen', chosen });
  };
  return (
    <Button className="button large next-action" onPress={() => attempt(repeat)}>
      {t('failed.repeat', { count: chosen.length })}
    </Button>
  );
}
