import { ChevronRight, CircleCheck, LoaderCircle, TriangleAlert, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button, ProgressBar } from 'react-aria-components';
import { fileName } from '../../shared/file-name.ts';
import { MiddleText } from '../components/middle-text.tsx';
import {
  ecuMarks,
  ecuProblem,
  ecusOf,
  findImage,
  hasChanged,
  ownWarnings,
  sharedWarnings,
  takenPayloads,
  type EcuProblem,
} from '../state/image-selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { dispatchThenFocus } from './focus.ts';
import { ImageDetails } from './image-details.tsx';
import { rowImage, type RowImage } from './row-image.ts';
import { useRowOrder } from './row-order.ts';

interface ImageRowProps {
  readonly id: string;
  readonly index: number;
  readonly count: number;
  readonly locked: boolean;
}

/** One image: its ECU, its version, one status. It opens for all else. */
export function ImageRow({ id, index, count, locked }: ImageRowProps): ReactNode {
  const { t } = useWords();
  const [isOpen, setOpen] = useState(false);
  const image = useSelector((state) => rowImage(state, id));
  const problem = useSelector((state) => {
    const own = findImage(state, id);
    return own === null ? null : ecuProblem(own, state.images);
  });
  const isMovable = count > 1 && !locked;
  const order = useRowOrder({ id, index, count, locked });
  if (image === null) return null;
  // What a person has to enter, choose or read is in sight at once, and stays there: an id that is right after its
  // first letter is not finished.
  const needsCare = !locked && (problem !== null || image.kind === 'failed');
  if (needsCare && !isOpen) setOpen(true);
  return (
    <li className="image-row" data-state={image.kind} {...order.row}>
      <div className="row-line">
        <div className="row-texts">
          <button
            type="button"
            className="row-open"
            aria-expanded={isOpen}
            aria-controls={`image-${id}`}
            aria-describedby={`status-${id}${isMovable ? ' images-order' : ''}`}
            onClick={() => setOpen(!isOpen)}
            onKeyDown={order.onKeyDown}
          >
            <ChevronRight aria-hidden size={16} className="row-chevron" />
            <RowTitle image={image} />
          </button>
          <div id={`status-${id}`} className="row-status">
            <RowStatus image={image} problem={problem} />
          </div>
        </div>
        {!locked && <RemoveButton image={image} index={index} />}
      </div>
      <div id={`image-${id}`} hidden={!isOpen}>
        {isOpen && <ImageDetails image={image} index={index} problem={problem} locked={locked} />}
      </div>
      <p role="status" className="sr-only">
        {order.isMoved &&
          t('images.moved', { name: fileName(image.path), position: index + 1, count })}
      </p>
    </li>
  );
}

/** Empty until the image is read: only then is it known for which ECUs it is. */
function shownEcus(image: RowImage): readonly string[] {
  if (image.report === null) return [];
  return [...new Set(ecusOf(image))].filter((ecuId) => ecuId !== '');
}

/** The ECUs and the version. Until the ECUs are known, the name of the file. */
function RowTitle({ image }: { readonly image: RowImage }): ReactNode {
  const ecus = shownEcus(image);
  const versions = [...new Set(takenPayloads(image).map(({ version }) => version ?? ''))];
  const inside = versions.length === 1 ? versions[0] : '';
  const version = image.versionEdited ? image.version : image.version || inside;
  if (ecus.length === 0) return <MiddleText text={fileName(image.path)} />;
  return (
    <span className="row-title">
      <strong>{ecus.join(', ')}</strong> <span className="muted">{version}</span>
    </span>
  );
}

interface RowStatusProps {
  readonly image: RowImage;
  readonly problem: EcuProblem | null;
}

/** One status, and beside it the most urgent hint, or the name of the file where there is none. */
function RowStatus({ image, problem }: RowStatusProps): ReactNode {
  const { t } = useWords();
  const isGuess = useSelector(({ ecus }) => ecuMarks(image, ecus).isGuess);
  const isUnused = useSelector(({ ecus }) => ecuMarks(image, ecus).unused.length > 0);
  const warnings = useSelector(({ images }) =>
    image.report === null ? 0 : ownWarnings(image.report, sharedWarnings(images)).length,
  );
  // The opened row says all of them; more than one would make this one three lines high. What is wrong comes first.
  const isReady = image.kind === 'ready' && problem === null;
  const [hint] = [
    ...(hasChanged(image) ? [t('images.changed.short')] : []),
    ...(isGuess ? [t('images.ecu.guess.short')] : isUnused ? [t('images.ecu.new.short')] : []),
    ...(warnings > 0 ? [t('images.warnings', { count: warnings })] : []),
  ];
  return (
    <>
      <Status image={image} problem={problem} />
      {isReady && hint !== undefined ? (
        <span className="warn row-hint">{hint}</span>
      ) : (
        shownEcus(image).length > 0 && (
          <span className="muted row-hint">
            <MiddleText text={fileName(image.path)} />
          </span>
        )
      )}
    </>
  );
}

function Status({ image, problem }: RowStatusProps): ReactNode {
  const { t } = useWords();
  if (image.kind === 'failed')
    return (
      <span className="status bad">
        <TriangleAlert aria-hidden size={14} />
        {t('images.failed')}
      </span>
    );
  if (problem !== null)
    return (
      <span className="status bad">
        <TriangleAlert aria-hidden size={14} />
        {t(`images.ecu.${problem}.short`)}
      </span>
    );
  if (image.kind === 'ready')
    return (
      <span className="status good">
        <CircleCheck aria-hidden size={14} />
        {t('images.ready')}
      </span>
    );
  return <RowProgress id={image.id} />;
}

/** How far the reading or proving of an image is. */
function RowProgress({ id }: { readonly id: string }): ReactNode {
  const { t, format } = useWords();
  const status = useSelector((state) => findImage(state, id)?.status ?? null);
  if (status?.kind !== 'reading' && status?.kind !== 'checking') return null;
  const fraction = status.total === 0 ? 0 : status.done / status.total;
  const text = t(`images.${status.kind}`, { percent: format.percent(fraction) });
  return (
    <ProgressBar
      className="row-progress"
      value={fraction * 100}
      valueLabel={text}
      aria-label={text}
    >
      <span className="status">
        <LoaderCircle aria-hidden size={14} className="turning" />
        {text}
      </span>
    </ProgressBar>
  );
}

function RemoveButton({
  image,
  index,
}: {
  readonly image: RowImage;
  readonly index: number;
}): ReactNode {
  const store = useStore();
  const { t } = useWords();
  return (
    <Button
      className="icon-button"
      aria-label={t('images.remove', { name: fileName(image.path) })}
      onPress={({ target }) =>
        dispatchThenFocus(store, { type: 'image-removed', id: image.id }, target, index)
      }
    >
      <X aria-hidden size={16} />
    </Button>
  );
}
