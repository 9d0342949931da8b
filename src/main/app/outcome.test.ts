import { expect, test } from 'vitest';
import type { JobSnapshot } from '../../shared/ipc.ts';
import { translator } from '../../shared/messages/index.ts';

import { outcomeOf } from './outcome.ts';

const EN = translator('en');
const STICK = { request: { kind: 'drive' }, verified: true };

function job(changes: object): JobSnapshot {
  return { subject: 'Ultra', error: null, check: null, build: null, ...changes } as JobSnapshot;
}

test.each([
  [{ build: { outputs: [{ ...STICK, ejected: true }] } }, 'safe to unplug'],
  [{ build: { outputs: [{ ...STICK, ejected: false }] } }, 'Eject it before'],
  [{ subject: '/a/b.tar', build: { outputs: [{ request: { kind: 'tar' } }] } }, 'b.tar is saved.'],
  [{ check: { complete: true } }, 'Ultra is complete'],
  [{ check: { complete: false } }, 'Ultra is not usable as OTA cache'],
  [{ error: { code: 'cancelled', params: {} } }, EN.error({ code: 'cancelled', params: {} }).what],
])('%j is announced as “%s”', (changes, words) => {
  expect(outcomeOf(job(changes), EN)).toContain(words);
});
