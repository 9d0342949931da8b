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
import type { ImageItem } from '../state/model.ts';
import { fileName } from '../../shared/file-name.ts';
import { ecuProblem, namedEcus, takenPayloads } from '../state/selectors.ts';
import { useStore, useWords } from '../state/store.tsx';
import { ErrorText } from './error-text.tsx';
import { ImageFacts } from './image-facts.tsx';
import { MiddleText } from './middle-text.tsx';
import { PayloadChoice } from './payload-choice.tsx';

interface ImageCardProps {
  readonly image: ImageItem;
  readonly index: number;
  readonly locked: boolean;
}

/** One image: what it is for, how far its checking is, what is wrong with it. */
export function ImageCard({ image, index, locked }: ImageCardProps): ReactNode {
  const failed = image.status.kind === 'failed';
  return (
    <li className="card" data-state={image.status.kind}>
      <div className="card-head">
        <MiddleText text={fileName(image.path)} />
        {!locked && <RemoveButton image={image} />}
      </div>
      {image.status.kind === 'failed' ? (
        <ErrorText error={image.status.error} />
      ) : (
        <CardFields image={image} locked={locked} />
      )}
      {image.report !== null && !failed && (
        <ImageFacts report={image.report} taken={takenPayloads(image)} />
      )}
      <div className="card-foot">
        <CardStatus image={image} />
        {!locked && <MoveButtons image={image} index={index} />}
      </div>
    </li>
  );
}

function RemoveButton({ image }: { readonly image: ImageItem }): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t } = useWords();
  return (
    <Button
      className="icon-button"
      aria-label={t('images.remove', { name: fileName(image.path) })}
      onPress={({ target }) => {
        // The button goes with its card; the list keeps the focus, for whoever has only the keyboard.
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
function MoveButtons({ image, index }: Omit<ImageCardProps, 'locked'>): ReactNode {
  const { state, dispatch } = useStore();
  const { t } = useWords();
  const last = state.images.length - 1;
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

function CardFields({ image, locked }: Omit<ImageCardProps, 'index'>): ReactNode {
  const { state, dispatch } = useStore();
  const { t } = useWords();
  const named = namedEcus(image);
  const problem = ecuProblem(image, state.images);
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

function CardStatus({ image }: { readonly image: ImageItem }): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t, format } = useWords();
  const { status } = image;
  switch (status.kind) {
    case 'reading':
    case 'checking': {
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
