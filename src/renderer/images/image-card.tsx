import {
  ArrowDown,
  ArrowUp,
  CircleCheck,
  LoaderCircle,
  RotateCw,
  TriangleAlert,
  X,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, FieldError, Input, Label, ProgressBar, TextField } from 'react-aria-components';
import { invoke } from '../api/bridge.ts';
import type { ErrorData } from '../../shared/errors.ts';
import type { ImageItem, ImageStatus, State } from '../state/model.ts';
import { fileName } from '../../shared/file-name.ts';
import { ecuProblem, findImage, namedEcus, takenPayloads } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { ErrorText } from '../components/error-text.tsx';
import { FinishedImage } from './finished-image.tsx';
import { ImageFacts } from './image-facts.tsx';
import { MiddleText } from '../components/middle-text.tsx';
import { PayloadChoice } from './payload-choice.tsx';

interface ImageCardProps {
  readonly id: string;
  readonly locked: boolean;
}

/** An image without how far its reading is, which changes several times a second. */
type CardImage = Omit<ImageItem, 'status'> & {
  readonly kind: ImageStatus['kind'];
  readonly error: ErrorData | null;
};

function cardImage(state: State, id: string): CardImage | null {
  const image = findImage(state, id);
  if (image === null) return null;
  const { status, ...rest } = image;
  return { ...rest, kind: status.kind, error: status.kind === 'failed' ? status.error : null };
}

/** One image: what it is for, how far its checking is, what is wrong with it. */
export function ImageCard({ id, locked }: ImageCardProps): ReactNode {
  const image = useSelector((state) => cardImage(state, id));
  if (image === null) return null;
  return (
    <li className="card" data-state={image.kind}>
      <div className="card-head">
        <MiddleText text={fileName(image.path)} />
        {!locked && <RemoveButton image={image} />}
      </div>
      {image.error !== null ? (
        <ErrorText error={image.error} />
      ) : (
        <CardFields image={image} locked={locked} />
      )}
      {image.report !== null && image.error === null && (
        <ImageFacts report={image.report} taken={takenPayloads(image)} />
      )}
      <div className="card-foot">
        <CardStatus image={image} />
        {!locked && <MoveButtons image={image} />}
      </div>
    </li>
  );
}

function RemoveButton({ image }: { readonly image: CardImage }): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t } = useWords();
  return (
    <Button
      className="icon-button"
      aria-label={t('images.remove', { name: fileName(image.path) })}
      onPress={({ target }) => {
        // The button goes with its card; the list keeps the focus, for people who use only the keyboard.
        target.closest<HTMLElement>('.step-body')?.focus();
        dispatch({ type: 'image-removed', id: image.id });
        attempt(() => invoke('images.remove', { id: image.id }));
      }}
    >
      <X aria-hidden size={16} />
    </Button>
  );
}

const MOVES = [
  { name: 'up', by: -1, Icon: ArrowUp },
  { name: 'down', by: 1, Icon: ArrowDown },
] as const;

/** The order of the images is the order of their folders in the output. */
function MoveButtons({ image }: { readonly image: CardImage }): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const index = useSelector(({ images }) => images.findIndex(({ id }) => id === image.id));
  const last = useSelector(({ images }) => images.length - 1);
  if (last === 0) return null;
  return (
    <div className="card-moves">
      {MOVES.map(({ name, by, Icon }) => (
        <Button
          key={name}
          className="icon-button"
          aria-label={t(`images.${name}`, { name: fileName(image.path) })}
          isDisabled={index === (by < 0 ? 0 : last)}
          onPress={() => dispatch({ type: 'image-moved', id: image.id, by })}
        >
          <Icon aria-hidden size={16} />
        </Button>
      ))}
    </div>
  );
}

interface CardFieldsProps {
  readonly image: CardImage;
  readonly locked: boolean;
}

function CardFields({ image, locked }: CardFieldsProps): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const named = namedEcus(image);
  const problem = useSelector(({ images }) => ecuProblem(image, images));
  if (image.report?.format === 'offline') return <FinishedImage report={image.report} />;
  if (named !== null || locked) {
    return (
      <>
        {named === null ? (
          <p className="card-ecus">{[image.ecuId, image.version].join(' ')}</p>
        ) : (
          <PayloadChoice image={image} locked={locked} />
        )}
        {problem !== null && <p className="field-error">{t(`images.ecu.${problem}`)}</p>}
      </>
    );
  }
  return (
    <div className="card-fields">
      <TextField
        className="field"
        value={image.ecuId}
        isInvalid={problem !== null}
        onChange={(ecuId) => dispatch({ type: 'image-edited', id: image.id, ecuId })}
      >
        <Label>{t('images.ecu')}</Label>
        <Input spellCheck={false} autoComplete="off" maxLength={255} />
        <FieldError className="field-error">
          {problem !== null && t(`images.ecu.${problem}`)}
        </FieldError>
      </TextField>
      <TextField
        className="field"
        value={image.version}
        onChange={(version) => dispatch({ type: 'image-edited', id: image.id, version })}
      >
        <Label>{t('images.version')}</Label>
        <Input
          spellCheck={false}
          autoComplete="off"
          maxLength={255}
          placeholder={t('images.version.none')}
        />
      </TextField>
    </div>
  );
}

/** How far the reading or proving of an image is. */
function CardProgress({ id }: { readonly id: string }): ReactNode {
  const { t, format } = useWords();
  const status = useSelector((state) => findImage(state, id)?.status ?? null);
  if (status?.kind !== 'reading' && status?.kind !== 'checking') return null;
  const fraction = status.total === 0 ? 0 : status.done / status.total;
  const text = t(`images.${status.kind}`, { percent: format.percent(fraction) });
  return (
    <ProgressBar
      className="card-progress"
      value={fraction * 100}
      valueLabel={text}
      aria-label={text}
    >
      <p className="status">
        <LoaderCircle aria-hidden size={16} className="turning" />
        {text}
      </p>
      <div className="bar">
        <div className="bar-done" style={{ width: `${fraction * 100}%` }} />
      </div>
    </ProgressBar>
  );
}

function CardStatus({ image }: { readonly image: CardImage }): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t } = useWords();
  switch (image.kind) {
    case 'reading':
    case 'checking':
      return <CardProgress id={image.id} />;
    case 'ready':
      return (
        <p className="status good">
          <CircleCheck aria-hidden size={16} />
          {t('images.ready')}
        </p>
      );
    case 'failed':
      return (
        <div className="card-failed">
          <p className="status bad">
            <TriangleAlert aria-hidden size={16} />
            {t('images.failed')}
          </p>
          <Button
            className="button quiet"
            onPress={() => {
              dispatch({ type: 'image-reread', id: image.id });
              attempt(() => invoke('images.add', { id: image.id, path: image.path }));
            }}
          >
            <RotateCw aria-hidden size={16} />
            {t('images.again')}
          </Button>
        </div>
      );
  }
}
