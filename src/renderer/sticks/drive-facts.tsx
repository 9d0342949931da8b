import type { ReactNode } from 'react';
import type { Translator } from '../../shared/messages/index.ts';
import { compareSets } from '../../shared/model/compare-sets.ts';
import { driveName, isAmbiguous, type Drive } from '../../shared/model/drive.ts';
import { CACHE_LABEL, type Manifest } from '../../shared/model/manifest.ts';
import { currentPlan, driveKey } from '../state/selectors.ts';
import { useSelector, useWords } from '../state/use-store.ts';

/** Last characters of a serial, by which two equal sticks are distinguished. */
export const SERIAL_TAIL = 4;

/** ECUs that a stick's line names; the others are counted. */
const ECUS_NAMED = 3;

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

/** Facts by which a person recognises a drive: what is on it, its serial, its socket. */
export function DriveFacts({ drive }: { readonly drive: Drive }): ReactNode {
  return (
    <span className="muted drive-facts">
      <Contents drive={drive} />
      <DrivePlace drive={drive} />
    </span>
  );
}

interface PlaceParts {
  readonly serial: string | null;
  readonly port: string | null;
}

/** The end of a serial and the socket, as far as they are known. */
export function placeOf({ serial, port }: PlaceParts, { t }: Pick<Translator, 't'>): string[] {
  const tail =
    serial === null
      ? t('stick.serial.none')
      : t('stick.serial', { serial: serial.slice(-SERIAL_TAIL) });
  return port === null ? [tail] : [tail, t('stick.port', { port })];
}

/** Where nothing else tells two sticks apart, the socket comes forward. */
function DrivePlace({ drive }: { readonly drive: Drive }): ReactNode {
  const words = useWords();
  const ambiguous = useSelector((state) => isAmbiguous(drive, state.drives));
  const parts = placeOf({ serial: drive.identity.serial, port: drive.port }, words);
  return (
    <span className="drive-place" data-decides={ambiguous || undefined}>
      {parts.map((part) => (
        <span key={part}>{part}</span>
      ))}
    </span>
  );
}

function Contents({ drive }: { readonly drive: Drive }): ReactNode {
  const words = useWords();
  const { t } = words;
  const held = useSelector((state) => state.held[driveKey(drive)] ?? null);
  const wanted = useSelector((state) => currentPlan(state)?.preview?.summary.manifest ?? null);
  const relation =
    held === null || wanted === null ? null : compareSets(held.image_meta, wanted.image_meta);
  return (
    <span>
      {contentsOf(drive, held, words)}
      {relation !== null && <strong> {t(`stick.relation.${relation}`)}</strong>}
    </span>
  );
}

/** What is on a drive, in words, as far as it is known without reading it. */
function contentsOf(
  { labels }: Drive,
  held: Manifest | null,
  { t }: Pick<Translator, 't'>,
): string {
  if (!labels.includes(CACHE_LABEL))
    return labels.length === 0
      ? t('stick.labels.none')
      : t('stick.labels', { labels: labels.join(', ') });
  if (held === null) return t('stick.cache');
  const images = held.image_meta
    .slice(0, ECUS_NAMED)
    .map(({ ecu_id, image_version }) => `${ecu_id} ${image_version}`.trim());
  const more = held.image_meta.length - images.length;
  if (more > 0) images.push(t('check.more', { count: more }));
  return t('stick.cache.of', { images: images.join(', ') });
}
