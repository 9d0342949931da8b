import type { ReactNode } from 'react';
import { CheckboxButton, CheckboxField } from 'react-aria-components';
import { refreshableDrives } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';

/** Chosen sticks that hold an offline OTA image are updated, unless the person wants them written anew. */
export function RefreshChoice(): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const count = useSelector((state) => refreshableDrives(state).length);
  const anew = useSelector((state) => state.anew);
  if (count === 0) return null;
  return (
    <div className="refresh-choice">
      {!anew && <p>{t('refresh.updates', { count })}</p>}
      <CheckboxField
        isSelected={anew}
        onChange={(chosen) => dispatch({ type: 'write-anew', anew: chosen })}
      >
        <CheckboxButton className="payload">
          <span className="check-mark" aria-hidden />
          <span>{t('refresh.anew')}</span>
        </CheckboxButton>
      </CheckboxField>
    </div>
  );
}
