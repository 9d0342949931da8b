import { Info } from 'lucide-react';
import type { ReactNode } from 'react';
import { useWords } from '../state/use-store.ts';

/** With every result that leaves a stick in the person's hand: Windows and macOS cannot read what is on it. */
export function FormatAdvice(): ReactNode {
  const { t } = useWords();
  return (
    <p className="advice">
      <Info aria-hidden size={18} />
      {t('done.format')}
    </p>
  );
}
