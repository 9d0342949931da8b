import type { ReactNode } from 'react';
import { driveName, type Drive } from '../../shared/model/drive.ts';
import { CACHE_LABEL } from '../../shared/model/manifest.ts';
import { useWords } from '../state/use-store.ts';

/** Last characters of a serial, by which two equal sticks are distinguished. */
export const SERIAL_TAIL = 4;

interface DriveNameProps {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

export function DriveName({ name, size }: DriveNameProps): ReactNode {
  const { format } = useWords();
  return (
    <span className="stick-name">
      {name} <span className="stick-size">{format.bytes(size)}</span>
    </span>
  );
}

/** Maker, model and size of a drive that is there. */
export function DriveTitle({ drive }: { readonly drive: Drive }): ReactNode {
  return <DriveName name={driveName(drive)} size={drive.identity.size} />;
}

/** Facts by which a person recognises a drive. */
export function DriveFacts({ drive }: { readonly drive: Drive }): ReactNode {
  const { t } = useWords();
  const { serial } = drive.identity;
  const labels = drive.labels.includes(CACHE_LABEL)
    ? t('stick.cache')
    : drive.labels.length > 0
      ? t('stick.labels', { labels: drive.labels.join(', ') })
      : t('stick.labels.none');
  return (
    <span className="muted drive-facts">
      <span>{labels}</span>
      <span className="drive-place">
        <span>
          {serial === null
            ? t('stick.serial.none')
            : t('stick.serial', { serial: serial.slice(-SERIAL_TAIL) })}
        </span>
        {drive.port !== null && <span>{t('stick.port', { port: drive.port })}</span>}
      </span>
    </span>
  );
}

/** Key of a drive within one listing. */
export function driveKey(drive: Drive): string {
  return `${drive.identity.path} ${drive.identity.generation}`;
}
