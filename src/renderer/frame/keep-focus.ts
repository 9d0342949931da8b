import { useEffect } from 'react';
import { focusStep } from '../flow/focus-step.ts';
import { nextStep } from '../state/selectors.ts';
import type { Store } from '../state/store.ts';

/** Milliseconds in which a closed dialog has given the focus back to what opened it. */
const SETTLED_MS = 60;

/**
 * The keyboard never falls out of the page: when the element that has the focus goes, or can no longer be used, the
 * heading of the next step gets it; on another screen, that screen's title.
 */
export function useKeptFocus(store: Store): void {
  useEffect(() => keepFocus(store), [store]);
}

function keepFocus(store: Store): () => void {
  let last: Element | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const remember = ({ target }: FocusEvent): void => {
    if (target instanceof Element) last = target;
  };
  const settle = (): void => {
    if (!isLost(last)) return;
    last = null;
    const title = document.querySelector<HTMLElement>('.screen h1');
    if (title === null) focusStep(nextStep(store.getState()));
    else title.focus();
  };
  const observer = new MutationObserver(() => {
    if (!isLost(last)) return;
    clearTimeout(timer);
    timer = setTimeout(settle, SETTLED_MS);
  });
  document.addEventListener('focusin', remember);
  observer.observe(document.body, {
    ...{ childList: true, subtree: true, attributes: true, attributeFilter: ['disabled'] },
  });
  return () => {
    clearTimeout(timer);
    observer.disconnect();
    document.removeEventListener('focusin', remember);
  };
}

/** A click beside all controls also takes the focus away, and is meant to. */
function isLost(last: Element | null): boolean {
  const { activeElement } = document;
  const isNowhere = activeElement === null || activeElement === document.body;
  const isGone = last !== null && (!last.isConnected || last.matches(':disabled'));
  return isGone && (isNowhere || activeElement === last);
}
