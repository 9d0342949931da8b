import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useWords } from '../state/use-store.ts';

/** How long the button is held before it counts. */
const HOLD_MILLISECONDS = 2000;

/** Whether the person asked the system for less motion: then the button counts down by itself. */
export function wantsCalm(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

interface HoldButtonProps {
  readonly isDisabled: boolean;
  readonly onHeld: () => void;
}

/**
 * A button that must be held (pointer, space bar or Enter) so that no slip erases a drive. A person who
 * cannot hold (reduced motion, a screen reader's click) gets a countdown that can be stopped.
 */
export function HoldButton({ isDisabled, onHeld }: HoldButtonProps): ReactNode {
  const { t } = useWords();
  const [mode, setMode] = useState<'idle' | 'holding' | 'counting'>('idle');
  const [left, setLeft] = useState(HOLD_MILLISECONDS);
  const held = useRef(onHeld);
  useEffect(() => {
    held.current = onHeld;
  });
  const calm = wantsCalm();

  useEffect(() => {
    if (mode === 'idle' || isDisabled) return undefined;
    const started = performance.now();
    const timer = setInterval(() => {
      const rest = HOLD_MILLISECONDS - (performance.now() - started);
      setLeft(Math.max(0, rest));
      if (rest > 0) return;
      clearInterval(timer);
      setMode('idle');
      held.current();
    }, 50);
    return () => {
      clearInterval(timer);
      setLeft(HOLD_MILLISECONDS);
    };
  }, [mode, isDisabled]);

  const hold = (): void => {
    if (!calm && mode === 'idle') setMode('holding');
  };
  const release = (): void => {
    if (mode === 'holding') setMode('idle');
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    // The browser's own click on release or repeat must not start anything.
    event.preventDefault();
    if (calm && event.type === 'keydown' && !event.repeat) toggle();
    else if (event.type === 'keydown') hold();
    else release();
  };
  const toggle = (): void => setMode(mode === 'counting' ? 'idle' : 'counting');
  const done = 1 - left / HOLD_MILLISECONDS;

  return (
    <button
      type="button"
      className="hold-button"
      data-mode={mode}
      disabled={isDisabled}
      aria-describedby={calm ? undefined : 'hold-hint'}
      onPointerDown={hold}
      onPointerUp={release}
      onPointerLeave={release}
      onPointerCancel={release}
      onKeyDown={onKey}
      onKeyUp={onKey}
      onBlur={() => setMode('idle')}
      onContextMenu={(event) => event.preventDefault()}
      onClick={(event) => {
        // detail is 0 for clicks that no pointer made: those of screen readers and switches.
        if (calm || event.detail === 0) toggle();
      }}
    >
      <span className="hold-fill" style={{ transform: `scaleX(${mode === 'idle' ? 0 : done})` }} />
      <span className="hold-text">
        {mode === 'counting'
          ? t('confirm.counting', { seconds: Math.ceil(left / 1000) })
          : t(calm ? 'confirm.count' : 'confirm.hold')}
      </span>
    </button>
  );
}
