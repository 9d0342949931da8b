import { expect, test } from 'vitest';
import type { Drive } from '../../shared/model/drive.ts';
import { createStore } from './store.ts';

test('an action that cannot be applied is a failure in the state, and every listener hears of it', () => {
  const store = createStore();
  store.dispatch({
    type: 'drives-chosen',
    chosen: [
      { path: '/dev/sdb', serial: null, model: 'Ultra', size: 1, transport: 'usb' } as never,
    ],
  });
  const before = store.getState();
  const seen: unknown[] = [];
  store.subscribe(({ failure }) => seen.push(failure?.error));
  store.dispatch({ type: 'drives', drives: [{} as Drive] });
  expect(seen).toEqual([expect.any(TypeError)]);
  expect(store.getState()).toEqual({ ...before, failure: { error: seen[0] } });
});
