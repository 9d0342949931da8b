import { createContext, use } from 'react';
import { useStore as useZustandStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { translator, type Translator } from '../../shared/messages/index.ts';
import type { State } from './model.ts';
import { shownLanguage } from './selectors.ts';
import type { Store } from './store.ts';

export const StoreContext = createContext<Store | null>(null);

/** The store, for its actions. It is always the same one, so using it redraws nothing. */
export function useStore(): Store {
  const store = use(StoreContext);
  if (store === null) throw new Error('useStore outside of StoreContext');
  return store;
}

/**
 * What `select` takes from the state. The component redraws when that is another value; of an object or a
 * list, when one of its fields or elements is.
 */
export function useSelector<T>(select: (state: State) => T): T {
  return useZustandStore(useStore(), useShallow(select));
}

/** The translator of the chosen language. */
export function useWords(): Translator {
  return translator(useSelector(shownLanguage));
}
