import { TriangleAlert } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { languageOf, translator } from '../../shared/messages/index.ts';

interface ErrorBoundaryProps {
  readonly children: ReactNode;
}

interface Caught {
  readonly error: unknown;
}

/**
 * Replaces the page when it throws: React takes down all of it then, and an empty window would let a
 * person believe that the job is over too. It lives in main and goes on.
 */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { caught: Caught | null }> {
  override state: { caught: Caught | null } = { caught: null };

  static getDerivedStateFromError(error: unknown): { caught: Caught } {
    return { caught: { error } };
  }

  override render(): ReactNode {
    const { caught } = this.state;
    return caught === null ? this.props.children : <Broken error={caught.error} />;
  }
}

/** Uses nothing of the store, which may be what is broken; the page's last language is in its root. */
function Broken({ error }: Caught): ReactNode {
  const { t } = translator(languageOf(document.documentElement.lang));
  return (
    <main className="broken">
      <div role="alert" className="broken-text">
        <h1 className="result-title bad">
          <TriangleAlert aria-hidden size={22} />
          {t('broken.title')}
        </h1>
        <p>{t('broken.job')}</p>
        <p>{t('broken.next')}</p>
      </div>
      <button type="button" className="button broken-reload" onClick={() => location.reload()}>
        {t('broken.reload')}
      </button>
      <p className="muted">{t('broken.again')}</p>
      <pre className="json" tabIndex={0} aria-label={t('broken.title')}>
        {String(error)}
      </pre>
    </main>
  );
}
