import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { onlyUpdates } from '../state/selectors.ts';
import { useSelector, useWords } from '../state/use-store.ts';

/** How long the button is held before it counts. */
const HOLD_MILLISECONDS = 2000;

interface HoldButtonProps {
  readonly isDisabled: boolean;
  /** Ids of what is to be read first. */
  readonly describedBy: string;
  readonly onHeld: () => void;
  /** It was clicked by what cannot hold: a screen reader, a switch. */
  readonly onClicked: () => void;
}

/** A button that must be held (pointer, space bar or Enter) so that no slip erases a drive. */
export function HoldButton({
  isDisabled,
  describedBy,
  onHeld,
  onClicked,
}: HoldButtonProps): ReactNode {
  const { t } = useWords();
  const updates = useSelector(onlyUpdates);
  const [isHeld, setHeld] = useState(false);
  const [done, setDone] = useState(0);
  const held = useRef(onHeld);
  useEffect(() => {
    held.current = onHeld;
  });

  useEffect(() => {
    if (!isHeld || isDisabled) return undefined;
    const started = performance.now();
    const timer = setInterval(() => {
      const part = (performance.now() - started) / HOLD_MILLISECONDS;
      setDone(Math.min(1, part));
      if (part < 1) return;
      clearInterval(timer);
      setHeld(false);
      held.current();
    }, 50);
    return () => {
      clearInterval(timer);
      setDone(0);
    };
  }, [isHeld, isDisabled]);

  const release = (): void => setHeld(false);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    // The browser's own click on release or repeat must not start anything.
    event.preventDefault();
    // A key that was already down when the button got the focus holds nothing.
    if (event.type === 'keyup') release();
    else if (!event.repeat) setHeld(true);
  };

  return (
    <button
      type="button"
      className="hold-button"
      disabled={isDisabled}
      aria-describedby={describedBy}
      onPointerDown={() => setHeld(true)}
      onPointerUp={release}
      onPointerLeave={release}
      onPointerCancel={release}
      onKeyDown={onKey}
      onKeyUp={onKey}
      onBlur={release}
      onContextMenu={(event) => event.preventDefault()}
      onClick={(event) => {
        // detail is 0 for clicks that no pointer made.
        if (event.detail === 0) onClicked();
      }}
    >
      <span className="hold-fill" style={{ transform: `scaleX(${done})` }} />
      <span className="hold-text">{t(updates ? 'refresh.hold' : 'confirm.hold')}</span>
    </button>
  );
}
