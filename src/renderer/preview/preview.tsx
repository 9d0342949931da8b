import { Copy } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import type { PlanPreview } from '../../shared/ipc.ts';
import { FileTable } from './file-table.tsx';
import { ManifestImages } from '../components/manifest-images.tsx';
import { Screen } from '../components/screen.tsx';
import { chosenImages } from '../state/image-selectors.ts';
import { currentPlan } from '../state/selectors.ts';
import { useSelector, useStore, useWords } from '../state/use-store.ts';
import './preview.css';

/** What will be written: the manifest as facts and as JSON, and every file. */
export function PreviewScreen(): ReactNode {
  const { t } = useWords();
  const preview = useSelector((state) => currentPlan(state)?.preview ?? null);
  // Of another plan only where the images are others: its list is made anew with every state.
  const list = useSelector(({ images }) => images);
  const images = chosenImages(list);
  return (
    <Screen title={t('preview.title')}>
      {preview === null || images === null ? (
        <p className="muted">{t('preview.loading')}</p>
      ) : (
        <div className="preview">
          <Facts preview={preview} />
          <ManifestJson preview={preview} />
          <section className="panel" aria-labelledby="preview-files">
            <h2 id="preview-files">{t('preview.files')}</h2>
            <FileTable images={images} />
          </section>
        </div>
      )}
    </Screen>
  );
}

function Facts({ preview }: { readonly preview: PlanPreview }): ReactNode {
  const { t, format } = useWords();
  const { summary, driveBytes } = preview;
  const { manifest } = summary;
  const facts = [
    [t('preview.blobs'), format.number(manifest.data_files_num)],
    [t('preview.data'), format.bytes(manifest.data_size)],
    [t('preview.meta'), format.bytes(manifest.meta_size)],
    [t('preview.shared'), format.bytes(summary.sharedBytes)],
    [t('preview.needed'), format.bytes(driveBytes)],
  ] as const;
  return (
    <section className="panel" aria-labelledby="preview-facts">
      <h2 id="preview-facts">{t('preview.facts')}</h2>
      <ManifestImages manifest={manifest} label={t('preview.images')} />
      <dl className="fact-list">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function ManifestJson({ preview }: { readonly preview: PlanPreview }): ReactNode {
  const { attempt } = useStore();
  const { t } = useWords();
  const [copied, setCopied] = useState(false);
  const json = JSON.stringify(preview.summary.manifest, null, 2);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(json);
    setCopied(true);
  };
  return (
    <section className="panel" aria-labelledby="preview-json">
      <div className="panel-head">
        <h2 id="preview-json">{t('preview.json')}</h2>
        <Button className="button quiet" onPress={() => attempt(copy)}>
          <Copy aria-hidden size={16} />
          <span aria-live="polite">{t(copied ? 'common.copied' : 'common.copy')}</span>
        </Button>
      </div>
      <pre className="json" tabIndex={0} aria-label={t('preview.json')}>
        {json}
      </pre>
    </section>
  );
}
