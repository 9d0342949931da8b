import { Info } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import { Button, FieldError, Input, Label, TextField } from 'react-aria-components';
import { fileName } from '../../shared/file-name.ts';
import { normalizeEcuId } from '../../shared/model/ecu-id.ts';
import { invoke } from '../api/bridge.ts';
import { ecuMarks, type EcuProblem } from '../state/image-selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import type { RowImage } from './row-image.ts';

interface EcuFieldsProps {
  readonly image: RowImage;
  readonly problem: EcuProblem | null;
}

/** ECU id and version of an image that does not name them itself. */
export function EcuFields({ image, problem }: EcuFieldsProps): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const name = fileName(image.path);
  const { id } = image;
  return (
    <>
      <div className="row-fields">
        <TextField
          className="field"
          value={image.ecuId}
          isInvalid={problem !== null}
          onChange={(ecuId) => dispatch({ type: 'image-edited', id, ecuId })}
          onBlur={() => {
            const ecuId = normalizeEcuId(image.ecuId);
            if (ecuId !== image.ecuId) dispatch({ type: 'image-edited', id, ecuId });
          }}
        >
          <FieldName short={t('images.ecu')} whole={t('images.ecu.of', { name })} />
          <Input spellCheck={false} autoComplete="off" maxLength={255} />
          <FieldError className="field-error">
            {problem !== null && t(`images.ecu.${problem}`)}
          </FieldError>
        </TextField>
        <TextField
          className="field"
          value={image.version}
          onChange={(version) => dispatch({ type: 'image-edited', id, version })}
        >
          <FieldName short={t('images.version')} whole={t('images.version.of', { name })} />
          <Input
            spellCheck={false}
            autoComplete="off"
            maxLength={255}
            placeholder={t('images.version.none')}
          />
        </TextField>
      </div>
      {problem === null && <EcuHint image={image} />}
    </>
  );
}

interface FieldNameProps {
  readonly short: string;
  /** For people who do not see to which row a field belongs. */
  readonly whole: string;
}

function FieldName({ short, whole }: FieldNameProps): ReactNode {
  return (
    <Label>
      <span aria-hidden>{short}</span>
      <span className="sr-only">{whole}</span>
    </Label>
  );
}

/** A wrong id makes a stick that is right in all else, and that no vehicle takes anything from. */
function EcuHint({ image }: { readonly image: RowImage }): ReactNode {
  const { dispatch, attempt } = useStore();
  const { t } = useWords();
  const hint = useId();
  const isGuess = useSelector(({ ecus }) => ecuMarks(image, ecus).isGuess);
  const unused = useSelector(({ ecus }) => ecuMarks(image, ecus).unused);
  const [ecuId] = unused;
  if (ecuId === undefined) return null;
  return (
    <div className="ecu-hint">
      <p id={hint} className="warning">
        <Info aria-hidden size={16} />
        <span>{t(isGuess ? 'images.ecu.guess' : 'images.ecu.new', { ecuId })}</span>
      </p>
      {isGuess && (
        <Button
          className="button quiet"
          aria-describedby={hint}
          onPress={({ target }) => {
            const field = target.closest('.row-details')?.querySelector('input');
            attempt(async () => {
              dispatch({ type: 'ecus', ecus: await invoke('ecus.confirm', { ecuIds: [ecuId] }) });
              field?.focus();
            });
          }}
        >
          {t('images.ecu.confirm')}
        </Button>
      )}
    </div>
  );
}
