import { flushSync } from 'react-dom';
import type { Action } from '../state/model.ts';
import type { Store } from '../state/store.ts';

/** Focuses the row at a position within an element; the last one, where there are fewer. */
export function focusRow(within: Element | null, index: number): void {
  const rows = within?.querySelectorAll<HTMLElement>('.row-open') ?? [];
  rows[Math.min(index, rows.length - 1)]?.focus();
}

/**
 * Does something after which the pressed control may be gone, and goes on from the row at a position: a keyboard
 * that loses its place begins at the top of the window. Without rows the first button takes its place.
 */
export function dispatchThenFocus(
  store: Store,
  action: Action,
  pressed: Element,
  index: number,
): void {
  const body = pressed.closest('.step-body');
  flushSync(() => store.dispatch(action));
  focusRow(body, index);
  if (body?.contains(document.activeElement) !== true)
    body?.querySelector<HTMLElement>('.drop-target button')?.focus();
}
