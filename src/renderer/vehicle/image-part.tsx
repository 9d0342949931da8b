import { CircleCheck, FolderOpen, HardDriveDownload } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, ProgressBar } from 'react-aria-components';
import type { VehicleImage } from '../../shared/model/vehicle-state.ts';
import { invoke } from '../api/bridge.ts';
import { ErrorText } from '../components/error-text.tsx';
import { MiddleText } from '../components/middle-text.tsx';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { builtFiles } from '../state/vehicle.ts';
import { Part } from './part.tsx';

/** The finished image: which one, and whether it is complete. */
export function ImagePart({ isNext }: { readonly isNext: boolean }): ReactNode {
  const { t } = useWords();
  const image = useSelector(({ vehicle }) => vehicle.image);
  return (
    <Part
      id="image"
      title={t('vehicle-image.title')}
      isNext={isNext}
      action={image !== null && <GiveUp image={image} />}
    >
      {image === null ? <Choose /> : <Chosen image={image} />}
    </Part>
  );
}

function Choose(): ReactNode {
  const { attempt } = useStore();
  const { t, format } = useWords();
  const built = useSelector(builtFiles);
  const open = (path: string): void => attempt(() => invoke('vehicle.openImage', { path }));
  const choose = (kind: 'files' | 'folder'): void =>
    attempt(async () => {
      const [path] = await invoke('job.chooseCheck', { kind });
      if (path !== undefined) open(path);
    });
  return (
    <div className="drop-target large">
      <HardDriveDownload aria-hidden size={40} strokeWidth={1.25} />
      <p className="drop-title">{t('vehicle-image.drop')}</p>
      <p className="muted">{t('vehicle-image.kinds')}</p>
      <div className="row">
        {built.map((path) => (
          <Button key={path} className="button next-action" onPress={() => open(path)}>
            {t('vehicle-image.built', { name: format.file(path) })}
          </Button>
        ))}
        <Button
          className={built.length === 0 ? 'button next-action' : 'button'}
          onPress={() => choose('files')}
        >
          {t('vehicle-image.file')}
        </Button>
        <Button className="button quiet" onPress={() => choose('folder')}>
          <FolderOpen aria-hidden size={16} />
          {t('check.choose.folder')}
        </Button>
      </div>
    </div>
  );
}

interface ImageProps {
  readonly image: VehicleImage;
}

function GiveUp({ image }: ImageProps): ReactNode {
  const { attempt } = useStore();
  const { t } = useWords();
  return (
    <Button className="button quiet" onPress={() => attempt(() => invoke('vehicle.closeImage'))}>
      {t(image.state === 'verifying' ? 'common.cancel' : 'vehicle-image.other')}
    </Button>
  );
}

function Chosen({ image }: ImageProps): ReactNode {
  const { t, format } = useWords();
  const isReady = image.state === 'ready';
  return (
    <>
      <strong className="vehicle-file">
        <MiddleText text={format.file(image.path)} />
      </strong>
      {image.state === 'verifying' && <Verifying progress={image.progress} />}
      {image.error !== null && <ErrorText error={image.error} />}
      {isReady && (
        <>
          <p className="status good" role="status">
            <CircleCheck aria-hidden size={16} />
            {t('vehicle-image.ready')}
          </p>
          <p className="muted">
            {image.ecus.map(({ ecuId, version }) => `${ecuId} ${version}`).join(' · ')}
          </p>
        </>
      )}
    </>
  );
}

function Verifying({ progress }: Pick<VehicleImage, 'progress'>): ReactNode {
  const { t, format } = useWords();
  const { bytesDone = 0, bytesTotal = null } = progress ?? {};
  const fraction = bytesTotal === null || bytesTotal === 0 ? null : bytesDone / bytesTotal;
  const text =
    fraction === null
      ? t('vehicle-image.opening')
      : t('vehicle-image.verifying', { percent: format.percent(fraction) });
  return (
    <ProgressBar
      className="vehicle-progress"
      aria-label={text}
      isIndeterminate={fraction === null}
      value={(fraction ?? 0) * 100}
    >
      <p className="muted">{text}</p>
      <div className="bar">
        <div className="bar-done" style={{ width: `${(fraction ?? 0) * 100}%` }} />
      </div>
    </ProgressBar>
  );
}
