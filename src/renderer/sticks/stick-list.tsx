import { CreditCard, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, CheckboxButton, CheckboxField, CheckboxGroup } from 'react-aria-components';
import type { Drive } from '../../shared/model/drive.ts';
import { MAX_DRIVES } from '../../shared/model/job.ts';
import type { State } from '../state/model.ts';
import { chosenDrives, currentPlan, driveKey, refusalFor, refusalOf } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { DriveFacts, DriveTitle } from './drive-facts.tsx';

/** The drives that can be chosen, and those that were chosen before they could not be written any more. */
export function listedDrives(state: State): readonly Drive[] {
  const chosen = chosenDrives(state);
  return state.drives.filter((drive) => chosen.includes(drive) || isUsable(drive, state));
}

function isUsable(drive: Drive, state: State): boolean {
  return refusalOf(drive, state) === null;
}

/** One or several can be chosen. None is ever chosen by itself. */
export function StickList(): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const drives = useSelector(listedDrives);
  const chosen = useSelector(chosenDrives);
  return (
    <>
      <ChooseAll />
      <CheckboxGroup
        className="sticks"
        aria-label={t('stick.choose')}
        value={chosen.map(driveKey)}
        onChange={(keys) =>
          dispatch({
            type: 'drives-chosen',
            chosen: keys.flatMap(
              (key) => drives.find((drive) => driveKey(drive) === key)?.identity ?? [],
            ),
          })
        }
      >
        {drives.map((drive) => (
          <Stick key={driveKey(drive)} drive={drive} />
        ))}
      </CheckboxGroup>
    </>
  );
}

function Stick({ drive }: { readonly drive: Drive }): ReactNode {
  const { error } = useWords();
  const refusal = refusalFor(drive, useSelector(currentPlan));
  return (
    <CheckboxField value={driveKey(drive)}>
      <CheckboxButton className="stick" data-refused={refusal !== null || undefined}>
        <span className="check-mark" aria-hidden />
        <span className="stick-text">
          <DriveTitle drive={drive} />
          <DriveFacts drive={drive} />
          {refusal !== null && (
            <span className="warning bad">
              <TriangleAlert aria-hidden size={16} />
              {error(refusal).what}
            </span>
          )}
        </span>
        {drive.kind === 'sd' && <CreditCard aria-hidden size={18} className="stick-icon" />}
      </CheckboxButton>
    </CheckboxField>
  );
}

/** Chooses every drive that can be written, as far as a job takes them. */
export function useChooseAll(): () => void {
  const { dispatch, getState } = useStore();
  return () => {
    const state = getState();
    const usable = state.drives.filter((drive) => isUsable(drive, state));
    dispatch({ type: 'drives-chosen', chosen: usable.map(({ identity }) => identity) });
  };
}

function ChooseAll(): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const chooseAll = useChooseAll();
  const usable = useSelector(
    (state) => state.drives.filter((drive) => isUsable(drive, state)).length,
  );
  const chosen = useSelector((state) => state.chosen.length);
  const most = Math.min(usable, MAX_DRIVES);
  if (chosen === 0 && most < 2) return null;
  return (
    <div className="row stick-tools">
      {most > 1 && chosen < most ? (
        <Button className="button quiet" onPress={chooseAll}>
          {t('stick.all', { count: most })}
        </Button>
      ) : (
        <Button
          className="button quiet"
          onPress={() => dispatch({ type: 'drives-chosen', chosen: [] })}
        >
          {t('stick.clear')}
        </Button>
      )}
    </div>
  );
}
