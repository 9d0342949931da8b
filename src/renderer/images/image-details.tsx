import { RotateCw, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { fileName } from '../../shared/file-name.ts';
import { invoke } from '../api/bridge.ts';
import { ErrorText } from '../components/error-text.tsx';
import {
  findImage,
  hasChanged,
  namedEcus,
  takenPayloads,
  type EcuProblem,
} from '../state/image-selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import { EcuFields } from './ecu-fields.tsx';
import { dispatchThenFocus } from './focus.ts';
import { FinishedImage } from './finished-image.tsx';
import { ImageFacts } from './image-facts.tsx';
import type { RowImage } from './row-image.ts';
import { PayloadChoice } from './payload-choice.tsx';

interface ImageDetailsProps {
  readonly image: RowImage;
  readonly index: number;
  readonly problem: EcuProblem | null;
  readonly locked: boolean;
}

/** What an opened row shows: fields and choices, the file, and its contents. */
export function ImageDetails({ image, index, problem, locked }: ImageDetailsProps): ReactNode {
  const { t } = useWords();
  const error = useSelector((state) => {
    const status = findImage(state, image.id)?.status;
    return status?.kind === 'failed' ? status.error : null;
  });
  const named = namedEcus(image);
  return (
    <div className="row-details">
      {error !== null && (
        <>
          <ErrorText error={error} />
          <AgainButton image={image} index={index} />
        </>
      )}
      {error === null && named === null && !locked && <EcuFields image={image} problem={problem} />}
      {error === null && named !== null && (
        <>
          {image.report?.format === 'offline' ? (
            <FinishedImage report={image.report} />
          ) : (
            <PayloadChoice image={image} locked={locked} />
          )}
          {problem !== null && <p className="field-error">{t(`images.ecu.${problem}`)}</p>}
        </>
      )}
      {hasChanged(image) && (
        <p className="warning warn">
          <TriangleAlert aria-hidden size={16} />
          <span>{t('images.changed')}</span>
        </p>
      )}
      <p className="row-file">{fileName(image.path)}</p>
      {error === null && image.report !== null && (
        <ImageFacts report={image.report} taken={takenPayloads(image)} />
      )}
    </div>
  );
}

function AgainButton({ image, index }: Pick<ImageDetailsProps, 'image' | 'index'>): ReactNode {
  const store = useStore();
  const { t } = useWords();
  return (
    <Button
      className="button quiet row-again"
      onPress={({ target }) => {
        dispatchThenFocus(store, { type: 'image-reread', id: image.id }, target, index);
        store.attempt(() => invoke('images.add', { id: image.id, path: image.path }));
      }}
    >
      <RotateCw aria-hidden size={16} />
      {t('images.again')}
    </Button>
  );
}
