import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ErrorData } from '../../shared/errors.ts';
import { useWords } from '../state/use-store.ts';

/** What happened and what to do next; screen readers announce it as soon as it appears. */
export function ErrorText({ error }: { readonly error: ErrorData }): ReactNode {
  const { what, next } = useWords().error(error);
  return (
    <div className="error-text" role="alert">
      <TriangleAlert aria-hidden size={18} />
      <div>
        <p>{what}</p>
        <p className="muted">{next}</p>
      </div>
    </div>
  );
}
