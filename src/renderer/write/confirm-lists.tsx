import { Info, TriangleAlert } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import type { Drive } from '../../shared/model/drive.ts';
import { ecuKey } from '../../shared/model/ecu-id.ts';
import type { ManifestImage } from '../../shared/model/manifest.ts';
import { fileName } from '../../shared/file-name.ts';
import { marksByEcu } from '../state/image-selectors.ts';
import {
  currentPlan,
  driveKey,
  hasMixedKeys,
  onlyUpdates,
  releaseKeys,
} from '../state/selectors.ts';
import { DriveFacts, DriveTitle } from '../sticks/drive-facts.tsx';
import { useSelector, useWords } from '../state/use-store.ts';
import { StickPicture } from './stick-picture.tsx';

const NONE: readonly ManifestImage[] = [];

/** What is erased beside what is written. Long lists scroll, each for itself. */
export function ConfirmLists({ drives }: { readonly drives: readonly Drive[] }): ReactNode {
  const { t } = useWords();
  const images = useSelector(
    (state) => currentPlan(state)?.preview?.summary.manifest.image_meta ?? NONE,
  );
  const keys = useSelector(releaseKeys);
  const marks = useSelector(marksByEcu);
  const allNew =
    images.length > 1 && images.every(({ ecu_id }) => marks.get(ecuKey(ecu_id)) === 'new');
  const updates = useSelector(onlyUpdates);
  const file = useSelector((state) => state.file);
  return (
    <div className="confirm-lists">
      <ConfirmList
        title={t(updates ? 'refresh.drives' : 'confirm.drives', { count: drives.length })}
      >
        {drives.map((drive) => (
          <li key={driveKey(drive)} className="confirm-drive">
            <StickPicture state="erase" />
            <span>
              <DriveTitle drive={drive} />
              <DriveFacts drive={drive} />
            </span>
          </li>
        ))}
      </ConfirmList>
      <ConfirmList title={t('confirm.goes', { count: images.length })}>
        <MixedKeys />
        {allNew && (
          <li className="warning warn">
            <Info aria-hidden size={16} />
            {t('confirm.all-new')}
          </li>
        )}
        {images.map(({ ecu_id, image_version }) => {
          const key = keys.get(ecu_id);
          const mark = allNew ? undefined : marks.get(ecuKey(ecu_id));
          return (
            <li key={ecu_id} className="confirm-image">
              <strong>{ecu_id}</strong> <span>{image_version}</span>
              {key !== undefined && <span className="muted">{t(`images.payload.${key}`)}</span>}
              {mark !== undefined && (
                <span className="warning warn">
                  <Info aria-hidden size={16} />
                  {t(`images.ecu.${mark}.short`)}
                </span>
              )}
            </li>
          );
        })}
        {file !== null && (
          <li className="muted">
            {t('confirm.also')}: {fileName(file.path)}
          </li>
        )}
      </ConfirmList>
    </div>
  );
}

function MixedKeys(): ReactNode {
  const { t } = useWords();
  const isMixed = useSelector(hasMixedKeys);
  if (!isMixed) return null;
  return (
    <li className="warning warn">
      <TriangleAlert aria-hidden size={16} />
      {t('confirm.mixed-keys')}
    </li>
  );
}

interface ConfirmListProps {
  readonly title: string;
  readonly children: ReactNode;
}

function ConfirmList({ title, children }: ConfirmListProps): ReactNode {
  const id = useId();
  return (
    <section className="confirm-list">
      <h3 id={id}>{title}</h3>
      {/* Focusable, so that the arrow keys scroll it. */}
      <ul tabIndex={0} aria-labelledby={id}>
        {children}
      </ul>
    </section>
  );
}
