import type { ReactNode } from 'react';
import { invoke } from '../api/bridge.ts';
import { DropZone } from '../components/drop-zone.tsx';
import { Screen } from '../components/screen.tsx';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { nextVehicleStep } from '../state/vehicle.ts';
import { ImagePart } from './image-part.tsx';
import { LinkPart } from './link-part.tsx';
import { Run } from './run.tsx';
import { WayPart } from './way-part.tsx';
import './vehicle.css';

/** Serves a finished image to a vehicle and has it update its ECUs: from the choice of the image to the end. */
export function VehicleScreen(): ReactNode {
  const { attempt } = useStore();
  const { t } = useWords();
  const runs = useSelector(({ vehicle }) => vehicle.run !== null);
  const hasImage = useSelector(({ vehicle }) => vehicle.image !== null);
  const next = useSelector(nextVehicleStep);
  if (runs)
    return (
      <Screen title={t('vehicle-screen.title')}>
        <Run />
      </Screen>
    );
  return (
    <Screen title={t('vehicle-screen.title')}>
      <DropZone
        className="vehicle-drop"
        onPaths={([path]) => {
          if (path !== undefined) attempt(() => invoke('vehicle.openImage', { path }));
        }}
      >
        {() => (
          <div className={hasImage ? 'vehicle-columns' : 'vehicle'}>
            {!hasImage && <p className="muted">{t('vehicle-screen.intro')}</p>}
            <div className="vehicle-column">
              <ImagePart isNext={next === 'image'} />
              {hasImage && <WayPart />}
            </div>
            {hasImage && <LinkPart isNext={next === 'link'} />}
          </div>
        )}
      </DropZone>
    </Screen>
  );
}
