import { useState, type DragEvent, type HTMLAttributes, type KeyboardEvent } from 'react';
import { useStore } from '../state/use-store.ts';
import { dispatchThenFocus } from './focus.ts';

/** Tells rows that are dragged from files that are. */
const ROW = 'application/x-image-row';

interface RowPlace {
  readonly id: string;
  readonly index: number;
  readonly count: number;
  readonly locked: boolean;
}

interface RowOrder {
  readonly row: HTMLAttributes<HTMLLIElement> & { readonly 'data-over'?: true | undefined };
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  /** The row was moved by keys: its new place is to be said. */
  readonly isMoved: boolean;
}

/**
 * The order of the images is the order of their folders in the output: rows are dragged, or moved by Alt with the
 * arrow keys; the arrow keys alone go from row to row.
 */
export function useRowOrder({ id, index, count, locked }: RowPlace): RowOrder {
  const store = useStore();
  const [isOver, setOver] = useState(false);
  const [isMoved, setMoved] = useState(false);
  const isRow = ({ dataTransfer }: DragEvent): boolean => dataTransfer.types.includes(ROW);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    const to = index + by;
    if (by === 0 || to < 0 || to >= count) return;
    event.preventDefault();
    const { currentTarget } = event;
    if (!event.altKey) {
      const rows = currentTarget.closest('ul')?.querySelectorAll<HTMLElement>('.row-open');
      rows?.[to]?.focus();
    } else if (!locked) {
      dispatchThenFocus(store, { type: 'image-moved', id, to }, currentTarget, to);
      setMoved(true);
    }
  };
  if (locked || count < 2) return { row: {}, onKeyDown, isMoved };
  return {
    onKeyDown,
    isMoved,
    row: {
      draggable: true,
      'data-over': isOver || undefined,
      onDragStart: (event) => {
        event.dataTransfer.setData(ROW, id);
        event.dataTransfer.effectAllowed = 'move';
      },
      onDragOver: (event) => {
        if (!isRow(event)) return;
        event.preventDefault();
        event.stopPropagation();
        event.dataTransfer.dropEffect = 'move';
        setOver(true);
      },
      onDragLeave: () => setOver(false),
      onDrop: (event) => {
        setOver(false);
        if (!isRow(event)) return;
        event.preventDefault();
        event.stopPropagation();
        store.dispatch({ type: 'image-moved', id: event.dataTransfer.getData(ROW), to: index });
      },
    },
  };
}
