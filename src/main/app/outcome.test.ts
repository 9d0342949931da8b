import { expect, test } from 'vitest';
import type { JobSnapshot } from '../../shared/ipc.ts';
import { translator } from '../../shared/messages/index.ts';
import { outcomeOf } from '../../shared/job-sentence.ts';
import { endedAsWished } from './outcome.ts';

const EN = translator('en');
const STICK = { request: { kind: 'drive' }, state: 'done', verified: true };

function job(changes: object): JobSnapshot {
  return { subject: 'Ultra', error: null, check: null, build: null, ...changes } as JobSnapshot;
}

test.each([
  [{ build: { outcomes: [{ ...STICK, ejected: true }] } }, 'safe to unplug'],
  [{ build: { outcomes: [{ ...STICK, ejected: false }] } }, 'Eject it before'],
  [{ subject: '/a/b.tar', build: { outcomes: [{ request: { kind: 'tar' } }] } }, 'b.tar is saved.'],
  [
    {
      subject: 'A, B',
      build: { outcomes: [STICK, { ...STICK, state: 'failed', verified: false }] },
    },
    '1 of 2 sticks are written',
  ],
  [{ check: { complete: true } }, 'Ultra is complete'],
  [{ check: { complete: false } }, 'Ultra is not usable as OTA cache'],
  [{ error: { code: 'cancelled', params: {} } }, EN.error({ code: 'cancelled', params: {} }).what],
])('%j is announced as “%s”', (changes, words) => {
  expect(outcomeOf(job(changes), EN)).toContain(words);
});

test('a drive has its whole name, a file the last part of its path', () => {
  const drive = { build: { outcomes: [{ ...STICK, ejected: true }] } };
  const file = { build: { outcomes: [{ request: { kind: 'tar' } }] } };
  const check = { check: { complete: true } };
  const of = (subject: string, end: object): string => outcomeOf(job({ subject, ...end }), EN);
  expect(of('Generic- SD/MMC', drive)).toMatch(/^Generic- SD\/MMC is/u);
  // What a drive is called that tells no model.
  expect(of('/dev/sdb', drive)).toMatch(/^\/dev\/sdb is/u);
  expect(of('/home/kim/a.tar', file)).toMatch(/^a\.tar is/u);
  expect(of('Generic- SD/MMC', check)).toMatch(/^Generic- SD\/MMC is/u);
  expect(of('/home/kim/a.tar', check)).toMatch(/^a\.tar is/u);
});

const stick = (eject: boolean, ejected: boolean, verified = true) => ({
  build: { outcomes: [{ request: { kind: 'drive', eject }, verified, ejected }] },
});

test.each([
  [stick(true, true), true],
  [stick(false, false), true],
  // “Eject it before you unplug it.”
  [stick(true, false), false],
  [stick(true, true, false), false],
  [{ build: { outcomes: [{ request: { kind: 'tar' }, verified: false, ejected: false }] } }, true],
  [{ check: { complete: true } }, true],
  [{ check: { complete: false } }, false],
  [{ error: { code: 'cancelled', params: {} } }, true],
  [{ error: { code: 'drive-unplugged', params: { drive: 'Ultra' } } }, false],
])('after %j a window that was to close closes: %s', (changes, closes) => {
  expect(endedAsWished(job(changes))).toBe(closes);
});
