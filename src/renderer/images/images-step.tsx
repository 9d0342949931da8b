import { FolderOpen, PackageOpen, Plus } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { invoke } from '../api/bridge.ts';
import { ImageCard } from './image-card.tsx';
import { ErrorText } from '../components/error-text.tsx';
import { besideFinished, currentPlan } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import './images.css';

/**
 * While nothing in it can take the focus, the list itself does, so that the arrow keys scroll it; else
 * it takes the focus of a card that was removed.
 */
function focusable(label: string, locked: boolean): ComponentProps<'div'> {
  return locked ? { role: 'region', tabIndex: 0, 'aria-label': label } : { tabIndex: -1 };
}

/** Cards of the chosen images, and the place where more are dropped. */
export function ImagesStep({ locked }: { readonly locked: boolean }): ReactNode {
  const { t } = useWords();
  const ids = useSelector((state) => state.images.map(({ id }) => id));
  const error = useSelector(
    (state) => besideFinished(state.images) ?? currentPlan(state)?.error ?? null,
  );
  return (
    <div className="step-body" {...focusable(t('images.list'), locked)}>
      {ids.length > 0 && (
        <ul className="cards" aria-label={t('images.list')}>
          {ids.map((id) => (
            <ImageCard key={id} id={id} locked={locked} />
          ))}
        </ul>
      )}
      {error !== null && <ErrorText error={error} />}
      {!locked && (ids.length === 0 ? <Empty /> : <More />)}
    </div>
  );
}

function useChoose(): (kind: 'files' | 'folder') => void {
  const { addImages, attempt } = useStore();
  return (kind) => attempt(async () => addImages(await invoke('images.choose', { kind })));
}

function Empty(): ReactNode {
  const { t } = useWords();
  const choose = useChoose();
  return (
    <div className="drop-target large">
      <PackageOpen aria-hidden size={40} strokeWidth={1.25} />
      <p className="drop-title">{t('images.drop')}</p>
      <p className="muted">{t('images.drop.kinds')}</p>
      <Button className="button next-action" onPress={() => choose('files')}>
        {t('images.choose.files')}
      </Button>
      <Button className="button quiet" onPress={() => choose('folder')}>
        {t('images.choose.folder')}
      </Button>
    </div>
  );
}

function More(): ReactNode {
  const { t } = useWords();
  const choose = useChoose();
  return (
    <div className="drop-target">
      <p className="muted">{t('images.drop.more')}</p>
      <div className="row">
        <Button className="button quiet" onPress={() => choose('files')}>
          <Plus aria-hidden size={16} />
          {t('images.choose.files')}
        </Button>
        <Button
          className="icon-button"
          aria-label={t('images.choose.folder')}
          onPress={() => choose('folder')}
        >
          <FolderOpen aria-hidden size={18} />
        </Button>
      </div>
    </div>
  );
}
