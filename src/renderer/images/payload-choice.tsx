import type { ReactNode } from 'react';
import { CheckboxButton, CheckboxField, CheckboxGroup, Label } from 'react-aria-components';
import type { PayloadReport } from '../../shared/model/image-report.ts';
import type { ImageItem } from '../state/model.ts';
import { takenPayloads } from '../state/image-selectors.ts';
import { useStore, useWords } from '../state/use-store.ts';

interface PayloadChoiceProps {
  readonly image: Pick<ImageItem, 'id' | 'report' | 'payloads'>;
  readonly locked: boolean;
}

/** Payloads of an image that names its ECUs: which of them are taken. */
export function PayloadChoice({ image, locked }: PayloadChoiceProps): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const all = image.report?.payloads ?? [];
  if (locked || all.length === 1) {
    return (
      <ul>
        {takenPayloads(image).map((payload) => (
          <li key={`${payload.ecuId} ${payload.releaseKey}`}>
            <PayloadText payload={payload} />
          </li>
        ))}
      </ul>
    );
  }
  return (
    <CheckboxGroup
      className="field payloads"
      value={image.payloads.map(String)}
      onChange={(chosen) =>
        dispatch({ type: 'payloads-chosen', id: image.id, payloads: chosen.map(Number) })
      }
    >
      <Label>{t('images.payloads')}</Label>
      {all.map((payload, index) => (
        <CheckboxField key={`${payload.ecuId} ${payload.releaseKey}`} value={String(index)}>
          <CheckboxButton className="payload">
            <span className="check-mark" aria-hidden />
            <PayloadText payload={payload} />
          </CheckboxButton>
        </CheckboxField>
      ))}
    </CheckboxGroup>
  );
}

function PayloadText({ payload }: { readonly payload: PayloadReport }): ReactNode {
  const { t, format } = useWords();
  const { ecuId, version, releaseKey, files, storedBytes } = payload;
  const key = releaseKey === null ? [] : [t(`images.payload.${releaseKey}`)];
  const rest = [...key, t('count.files', { count: files }), format.bytes(storedBytes)].join(' · ');
  return (
    <span>
      <strong>{ecuId}</strong> {version} <span className="muted">{rest}</span>
    </span>
  );
}
