import { Check, ChevronDown } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import type { StepName } from '../state/selectors.ts';
import { useWords } from '../state/use-store.ts';
import { headingId } from './focus-step.ts';
import { useMedia } from './use-media.ts';

/** Below this width the steps are one below the other, and finished ones are folded: flow.css has the same. */
const NARROW = '(max-width: 640px)';

interface StepProps {
  readonly name: StepName;
  readonly number: number;
  readonly isNext: boolean;
  readonly isDone: boolean;
  readonly children: ReactNode;
}

/** One of the three steps under its heading, which can be reached by Tab. */
export function Step({ name, number, isNext, isDone, children }: StepProps): ReactNode {
  const { t } = useWords();
  const [isOpened, setOpened] = useState(false);
  const folds = useMedia(NARROW) && isDone && !isNext;
  const folded = folds && !isOpened;
  return (
    <section
      className="step"
      data-step={name}
      data-next={isNext || undefined}
      aria-labelledby={headingId(name)}
    >
      <div className="step-head">
        <h2 id={headingId(name)} tabIndex={0}>
          <span className="step-number" data-done={isDone || undefined}>
            {isDone ? <Check aria-hidden size={14} /> : number}
          </span>
          {t(`${name}.title`)}
          {isDone && <span className="sr-only">{t('flow.done')}</span>}
        </h2>
        {folds && (
          <Button
            className="icon-button"
            aria-label={t('flow.unfold', { step: t(`${name}.title`) })}
            aria-expanded={!folded}
            onPress={() => setOpened(folded)}
          >
            <ChevronDown aria-hidden size={20} />
          </Button>
        )}
      </div>
      {!folded && children}
    </section>
  );
}
