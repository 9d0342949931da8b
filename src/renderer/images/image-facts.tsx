import { BadgeCheck, Info, ShieldAlert, ShieldQuestionMark } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ImageReport, PayloadReport } from '../../shared/model/image-report.ts';
import { ownWarnings, sharedWarnings } from '../state/image-selectors.ts';
import { useSelector, useWords } from '../state/use-store.ts';
import { commonName, warningText } from './wordings.ts';

const SIGNATURE_ICONS = {
  anchored: BadgeCheck,
  unanchored: ShieldQuestionMark,
  unchecked: ShieldAlert,
} as const;

interface ImageFactsProps {
  readonly report: ImageReport;
  /** Those of its payloads that are written. */
  readonly taken: readonly PayloadReport[];
}

/** What inspection found out about an image, in a few lines. */
export function ImageFacts({ report, taken }: ImageFactsProps): ReactNode {
  const { t, format } = useWords();
  // What several ECUs share is in a finished image once.
  const { files, bytes } = report.format === 'offline' ? report : totalsOf(taken);
  const warnings = useSelector(({ images }) => ownWarnings(report, sharedWarnings(images)));
  const { state, signer } = report.signature;
  const Icon = SIGNATURE_ICONS[state];
  return (
    <div className="facts">
      <p>
        {t('count.files', { count: files })} · {format.bytes(bytes)}
      </p>
      <p className={state === 'anchored' ? 'status good' : 'status warn'}>
        <Icon aria-hidden size={16} />
        {t(`signature.${state}`)}
      </p>
      {signer !== null && (
        <p className="signer muted" title={signer}>
          {t('images.signer', { signer: commonName(signer) })}
        </p>
      )}
      {warnings.map((warning) => (
        <p key={warning.code} className="warning muted">
          <Info aria-hidden size={16} />
          <span>{warningText(warning, t)}</span>
        </p>
      ))}
    </div>
  );
}
function totalsOf(taken: readonly PayloadReport[]): { files: number; bytes: number } {
  return {
    files: taken.reduce((sum, payload) => sum + payload.files, 0),
    bytes: taken.reduce((sum, payload) => sum + payload.storedBytes, 0),
  };
}
