import type { ReactNode } from 'react';
import { driveName, type Drive } from '../../shared/model/drive.ts';
import { CACHE_LABEL } from '../../shared/model/manifest.ts';
import { useWords } from '../state/store.tsx';

/** Last characters of a serial, by which two equal sticks are told apart. */
export const SERIAL_TAIL = 4;

/** Maker, model and size. */
export function DriveTitle({ drive }: { readonly drive: Drive }): ReactNode {
  const { format } = useWords();
  return (
    <span className="stick-name">
      {driveName(drive)} <span className="stick-size">{format.bytes(drive.identity.size)}</span>
    </span>
  );
}

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
        {port !== null && (
          <>
            {' · '}
            <span className="unbroken">{port}</span>
          </>
        )}
      </span>
    </span>
  );
}

/** Key of a drive within one listing. */
export function driveKey(drive: Drive): string {
  return `${drive.identity.path} ${drive.identity.generation}`;
}
