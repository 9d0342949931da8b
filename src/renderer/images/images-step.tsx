import { FolderOpen, Info, PackageOpen, Plus, Undo2 } from 'lucide-react';
import { useEffect, useRef, type ComponentProps, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { invoke } from '../api/bridge.ts';
import { ErrorText } from '../components/error-text.tsx';
import { fileName } from '../../shared/file-name.ts';
import { besideFinished, sharedWarnings } from '../state/image-selectors.ts';
import { currentPlan } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { dispatchThenFocus, focusRow } from './focus.ts';
import { ImageRow } from './image-row.tsx';
import { RecentSets, SetsMenu } from './sets.tsx';
import { undoText, warningText } from './wordings.ts';
import './images.css';

/** While nothing in it can take the focus, the list itself does, so that the arrow keys scroll it. */
function focusable(label: string, locked: boolean): ComponentProps<'div'> {
  return locked ? { role: 'region', tabIndex: 0, 'aria-label': label } : { tabIndex: -1 };
}

/** Rows of the chosen images, and the place where more are dropped. */
export function ImagesStep({ locked }: { readonly locked: boolean }): ReactNode {
  const { t } = useWords();
  const ids = useSelector((state) => state.images.map(({ id }) => id));
  const error = useSelector(
    (state) => besideFinished(state.images) ?? currentPlan(state)?.error ?? null,
  );
  const body = useRef<HTMLDivElement>(null);
  const isEmpty = ids.length === 0;
  // What had the focus (the button that chose them, a set) went with the empty list.
  useEffect(() => {
    if (!isEmpty && document.activeElement === document.body) focusRow(body.current, 0);
  }, [isEmpty]);
  return (
    <div ref={body} className="step-body" {...focusable(t('images.list'), locked)}>
      {!locked && <SetsMenu />}
      <SharedWarnings />
      {!isEmpty && (
        <>
          <ul className="image-rows" aria-label={t('images.list')}>
            {ids.map((id, index) => (
              <ImageRow key={id} id={id} index={index} count={ids.length} locked={locked} />
            ))}
          </ul>
          {ids.length > 1 && !locked && (
            <p id="images-order" className="sr-only">
              {t('images.order')}
            </p>
          )}
        </>
      )}
      {!locked && <UndoBar />}
      {error !== null && <ErrorText error={error} />}
      {!locked && (isEmpty ? <Empty /> : <More />)}
      <Said />
    </div>
  );
}

/** What holds for all images is said once. */
function SharedWarnings(): ReactNode {
  const { t } = useWords();
  const warnings = useSelector(({ images }) => sharedWarnings(images));
  return warnings.map((warning) => (
    <p key={warning.code} className="warning muted shared-warning">
      <Info aria-hidden size={16} />
      <span>{t('images.all', { warning: warningText(warning, t) })}</span>
    </p>
  ));
}

/** What was taken away or replaced can be brought back. */
function UndoBar(): ReactNode {
  const store = useStore();
  const { t } = useWords();
  const undo = useSelector((state) => state.undo);
  return (
    <div role="status">
      {undo !== null && (
        <div className="undo-bar">
          <p>{undoText(undo, t)}</p>
          <Button
            className="button quiet"
            onPress={({ target }) => dispatchThenFocus(store, { type: 'undone' }, target, 0)}
          >
            <Undo2 aria-hidden size={16} />
            {t('images.undo')}
          </Button>
        </div>
      )}
    </div>
  );
}

/** For people who do not see the rows: each image that was read to its end, as it happens. */
function Said(): ReactNode {
  const { t } = useWords();
  const ready = useSelector(({ images }) =>
    images.filter(({ status }) => status.kind === 'ready').map(({ path }) => path),
  );
  const failed = useSelector(({ images }) =>
    images.filter(({ status }) => status.kind === 'failed').map(({ path }) => path),
  );
  return (
    <div role="log" className="sr-only" aria-label={t('images.said')}>
      {ready.map((path) => (
        <p key={path}>{t('images.said.ready', { name: fileName(path) })}</p>
      ))}
      {failed.map((path) => (
        <p key={path}>{t('images.said.failed', { name: fileName(path) })}</p>
      ))}
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
    <>
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
      <RecentSets />
    </>
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
