import { BadgeCheck, Info, ShieldAlert, ShieldQuestionMark } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ImageReport, ImageWarning, PayloadReport } from '../../shared/model/image-report.ts';
import type { Translator } from '../../shared/messages/index.ts';
import { useWords } from '../state/use-store.ts';

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
  const { state, signer } = report.signature;
  const Icon = SIGNATURE_ICONS[state];
  return (
    <div className="facts">
      <p>
        {t('count.files', { count: files })} · {format.bytes(bytes)}
      </p>
      <p
        className={state === 'anchored' ? 'status good' : 'status warn'}
        title={signer ?? undefined}
      >
        <Icon aria-hidden size={16} />
        {t(`signature.${state}`)}
      </p>
      {signer !== null && (
        <p className="signer muted" title={signer}>
          {t('images.signer', { signer })}
        </p>
      )}
      {report.warnings.map((warning) => (
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

function warningText(warning: ImageWarning, t: Translator['t']): string {
  switch (warning.code) {
    case 'signature-unanchored':
    case 'signature-unchecked':
      return t(`warning.${warning.code}`);
    case 'certificate-expires-soon':
      return t('warning.certificate-expires-soon', warning.params);
    case 'entries-unknown':
      return t('warning.entries-unknown', warning.params);
    case 'unlisted-members':
    case 'sizes-not-listed':
      return t(`warning.${warning.code}`, warning.params);
  }
}
