import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useMedia } from '../flow/use-media.ts';
import { onlyUpdates } from '../state/selectors.ts';
import { useSelector, useWords } from '../state/use-store.ts';

/** Milliseconds in which the second click of a double click comes: it must not answer what it has not seen. */
const DOUBLE_CLICK_MS = 600;

/** Whether a screen reader is on, or the person asked the system for less motion: then nothing has to be held. */
export function useCalm(): boolean {
  const screenReader = useSelector(({ app }) => app?.screenReader === true);
  return useMedia('(prefers-reduced-motion: reduce)') || screenReader;
}

interface SecondConfirmationProps {
  readonly onBack: () => void;
  readonly onConfirmed: () => void;
}

/** Asks once more with plain buttons, for people who cannot hold one: by hand, or by a screen reader's click. */
export function SecondConfirmation({ onBack, onConfirmed }: SecondConfirmationProps): ReactNode {
  const { t } = useWords();
  const updates = useSelector(onlyUpdates);
  const [isReady, setReady] = useState(false);
  const question = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    // It is read out, and Tab goes on to its answers.
    question.current?.focus();
    const timer = setTimeout(() => setReady(true), DOUBLE_CLICK_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <>
      <p ref={question} tabIndex={-1} className="hint">
        {t(updates ? 'refresh.sure' : 'confirm.sure')}
      </p>
      <div className="dialog-buttons">
        <Button className="button" onPress={onBack}>
          {t('confirm.sure.no')}
        </Button>
        <Button className="button large danger-solid" isDisabled={!isReady} onPress={onConfirmed}>
          {t(updates ? 'refresh.sure.yes' : 'confirm.sure.yes')}
        </Button>
      </div>
    </>
  );
}
