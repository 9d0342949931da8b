import { ArrowLeft } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useStore, useWords } from '../state/use-store.ts';
import './screen.css';

interface ScreenProps {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A screen beside the flow: a way back, a title that takes the focus, its content. */
export function Screen({ title, actions, children }: ScreenProps): ReactNode {
  const { dispatch } = useStore();
  const { t } = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <main className="screen">
      <div className="screen-head">
        <Button
          className="icon-button"
          aria-label={t('nav.back')}
          onPress={() => dispatch({ type: 'screen', screen: 'flow' })}
        >
          <ArrowLeft aria-hidden size={20} />
        </Button>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <div className="screen-actions">{actions}</div>
      </div>
      {/* Focusable, so that the arrow keys scroll it where nothing else in it takes the focus. */}
      <div className="screen-body" role="region" aria-label={title} tabIndex={0}>
        {children}
      </div>
    </main>
  );
}
