import { PackageCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { FinishedReport } from '../../shared/model/image-report.ts';
import { useWords } from '../state/use-store.ts';

/** What a finished offline OTA image is: nothing of it can be changed, so nothing is asked. */
export function FinishedImage({ report }: { readonly report: FinishedReport }): ReactNode {
  const { t, format } = useWords();
  const { manifest } = report;
  return (
    <>
      <p className="status">
        <PackageCheck aria-hidden size={16} />
        {t('images.finished')}
      </p>
      <ul>
        {manifest.image_meta.map(({ ecu_id: ecuId, image_version: version }) => (
          <li key={ecuId}>
            <strong>{ecuId}</strong> {version}
          </li>
        ))}
      </ul>
      <p className="muted">
        {t('images.finished.made', { made: format.dateTime(manifest.build_timestamp * 1000) })}
      </p>
    </>
  );
}
