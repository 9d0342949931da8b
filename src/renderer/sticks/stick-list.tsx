import { CreditCard, Usb } from 'lucide-react';
import type { ReactNode } from 'react';
import { CheckboxButton, CheckboxField, CheckboxGroup } from 'react-aria-components';
import type { Drive } from '../../shared/model/drive.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { DriveFacts, driveKey, DriveTitle } from './drive-facts.tsx';

/** The drives that can be chosen, one or several. None is ever chosen by itself. */
export function StickList({ drives }: { readonly drives: readonly Drive[] }): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const chosen = useSelector((state) => state.chosen.map(({ path }) => path));
  const keys = drives.filter(({ identity }) => chosen.includes(identity.path)).map(driveKey);
  return (
    <CheckboxGroup
      className="sticks"
      aria-label={t('stick.choose')}
      value={keys}
      onChange={(wanted) =>
        dispatch({
          type: 'drives-chosen',
          chosen: wanted.flatMap(
            (key) => drives.find((drive) => driveKey(drive) === key)?.identity ?? [],
          ),
        })
      }
    >
      {drives.map((drive) => {
        const Icon = drive.kind === 'sd' ? CreditCard : Usb;
        return (
          <CheckboxField key={driveKey(drive)} value={driveKey(drive)}>
            <CheckboxButton className="stick">
              <span className="check-mark" aria-hidden />
              <span className="stick-text">
                <DriveTitle drive={drive} />
                <DriveFacts drive={drive} />
              </span>
              <Icon aria-hidden size={18} className="stick-icon" />
            </CheckboxButton>
          </CheckboxField>
        );
      })}
    </CheckboxGroup>
  );
}
