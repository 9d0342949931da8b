import { CreditCard, Usb } from 'lucide-react';
import type { ReactNode } from 'react';
import { RadioButton, RadioField, RadioGroup } from 'react-aria-components';
import type { Drive } from '../../shared/model/drive.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { DriveFacts, driveKey, DriveTitle } from './drive-facts.tsx';

/** The drives that can be chosen. Nothing is ever chosen by itself. */
export function StickList({ drives }: { readonly drives: readonly Drive[] }): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const path = useSelector((state) => state.drive?.path);
  const chosen = drives.find(({ identity }) => identity.path === path);
  return (
    <RadioGroup
      className="sticks"
      aria-label={t('stick.choose')}
      value={chosen === undefined ? null : driveKey(chosen)}
      onChange={(key) =>
        dispatch({
          type: 'drive-chosen',
          identity: drives.find((drive) => driveKey(drive) === key)?.identity ?? null,
        })
      }
    >
      {drives.map((drive) => {
        const Icon = drive.kind === 'sd' ? CreditCard : Usb;
        return (
          <RadioField key={driveKey(drive)} value={driveKey(drive)}>
            <RadioButton className="stick">
              <span className="radio-mark" aria-hidden />
              <span className="stick-text">
                <DriveTitle drive={drive} />
                <DriveFacts drive={drive} />
              </span>
              <Icon aria-hidden size={18} className="stick-icon" />
            </RadioButton>
          </RadioField>
        );
      })}
    </RadioGroup>
  );
}
