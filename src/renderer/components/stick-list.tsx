import { CreditCard, Usb } from 'lucide-react';
import type { ReactNode } from 'react';
import { RadioButton, RadioField, RadioGroup } from 'react-aria-components';
import { driveName, type Drive } from '../../shared/model/drive.ts';
import { CACHE_LABEL } from '../../shared/model/manifest.ts';
import { useStore, useWords } from '../state/store.tsx';

/** Last characters of a serial, by which two equal sticks are told apart. */
export const SERIAL_TAIL = 4;

/** One line of facts by which a person recognises a drive. */
export function DriveFacts({ drive }: { readonly drive: Drive }): ReactNode {
  const { t } = useWords();
  const { serial } = drive.identity;
  const port = drive.port === null ? null : t('stick.port', { port: drive.port });
  const labels = drive.labels.includes(CACHE_LABEL)
    ? t('stick.cache')
    : drive.labels.length > 0
      ? t('stick.labels', { labels: drive.labels.join(', ') })
      : t('stick.labels.none');
  return (
    <span className="muted drive-facts">
      <span>{labels}</span>
      <span>
        {serial === null
          ? t('stick.serial.none')
          : t('stick.serial', { serial: serial.slice(-SERIAL_TAIL) })}
        {port !== null && ` · ${port}`}
      </span>
    </span>
  );
}

/** Key of a drive within one listing. */
export function driveKey(drive: Drive): string {
  return `${drive.identity.path} ${drive.identity.generation}`;
}

/** The drives that can be chosen. Nothing is ever chosen by itself. */
export function StickList({ drives }: { readonly drives: readonly Drive[] }): ReactNode {
  const { state, dispatch } = useStore();
  const { t, format } = useWords();
  const chosen = drives.find(({ identity }) => identity.path === state.drive?.path);
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
                <span className="stick-name">
                  {driveName(drive)}{' '}
                  <span className="stick-size">{format.bytes(drive.identity.size)}</span>
                </span>
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
