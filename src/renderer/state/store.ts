import { createStore as createZustandStore, type StoreApi } from 'zustand/vanilla';
import { toErrorData } from '../../shared/errors.ts';
import { MAX_DROPPED } from '../../shared/ipc.ts';
import type { ImageSet } from '../../shared/ipc-sets.ts';
import { invoke } from '../api/bridge.ts';
import type { Action, State } from './model.ts';
import { INITIAL, reduce } from './reducer.ts';

/** The window's state outside of React, so that a component redraws only for what it selects. */
export interface Store extends Pick<StoreApi<State>, 'getState' | 'getInitialState'> {
  /** Calls `listener` after every action with the new and the former state; returns what ends it. */
  readonly subscribe: StoreApi<State>['subscribe'];
  /**
   * Applies an action; the reducer decides what it changes. One that throws fails the page, as a component
   * that throws does: a page that went on would show a state that is no longer so.
   */
  readonly dispatch: (action: Action) => void;
  /** Adds images by their paths; says so where one cannot be added. */
  readonly addImages: (paths: readonly string[]) => void;
  /** Shows the images of a set instead of those in the list. */
  readonly openSet: (set: ImageSet) => void;
  /** Runs a command; what goes wrong is shown as a notice. */
  readonly attempt: (work: () => Promise<unknown>) => void;
}

/** A window's store in its first state. */
export function createStore(): Store {
  const { getState, getInitialState, setState, subscribe } = createZustandStore(() => INITIAL);
  const attempt: Store['attempt'] = (work) => {
    // The person goes on: what went wrong before is no longer what there is to say.
    const { notice } = getState();
    if (notice !== null && 'code' in notice) dispatch({ type: 'noticed', notice: null });
    work().catch((error: unknown) => dispatch({ type: 'noticed', notice: toErrorData(error) }));
  };
  const dispatch = (action: Action): void => setState((state) => reduceOrFail(state, action), true);
  return {
    getState,
    getInitialState,
    subscribe,
    dispatch,
    addImages(paths) {
      if (paths.length === 0) return;
      attempt(async () => {
        const found = await invoke('images.find', { paths: paths.slice(0, MAX_DROPPED) });
        const images = found.map((path) => ({ id: crypto.randomUUID(), path }));
        dispatch({ type: 'images-added', images });
      });
    },
    openSet(set) {
      dispatch({ type: 'set-opened', set, ids: set.images.map(() => crypto.randomUUID()) });
    },
    attempt,
  };
}

function reduceOrFail(state: State, action: Action): State {
  try {
    return reduce(state, action);
  } catch (error) {
    return reduce(state, { type: 'failed', error });
  }
}
