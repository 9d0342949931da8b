import { expect, test } from 'vitest';
import type { JobSnapshot } from '../../shared/ipc.ts';
import { translator } from '../../shared/messages/index.ts';
import { outcomeOf } from '../../shared/job-sentence.ts';
import { endedAsWished } from './outcome.ts';

const EN = translator('en');
const STICK = { request: { kind: 'drive' }, state: 'done', verified: true };

const checked = (complete: boolean) => ({ report: { complete }, error: null });
const NOT_FOUND = { code: 'drive-not-found', params: { path: '/dev/sdx' } } as const;

function job(changes: object): JobSnapshot {
  const kind = 'checks' in changes ? 'check' : 'build';
  const nothing = { kind, subject: 'Ultra', error: null, checks: [], build: null };
  return { ...nothing, ...changes } as unknown as JobSnapshot;
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
  [{ checks: [checked(true)] }, 'Ultra is complete'],
  [{ checks: [checked(false)] }, 'Do not use Ultra'],
  [{ checks: [checked(true), checked(false)] }, '1 of 2 checked are complete'],
  [{ checks: [{ report: null, error: NOT_FOUND }] }, EN.error(NOT_FOUND).what],
  [
    {
      subject: 'A, B',
      build: { outcomes: [STICK, STICK].map((drive) => ({ ...drive, ejected: true })) },
    },
    'All 2 sticks verified and ejected. They are safe to unplug.',
  ],
  [{ error: { code: 'cancelled', params: {} } }, EN.error({ code: 'cancelled', params: {} }).what],
])('%j is announced as “%s”', (changes, words) => {
  expect(outcomeOf(job(changes), EN)).toContain(words);
});

test('a drive has its whole name, a file the last part of its path', () => {
  const drive = { build: { outcomes: [{ ...STICK, ejected: true }] } };
  const file = { build: { outcomes: [{ request: { kind: 'tar' } }] } };
  const check = { checks: [checked(true)] };
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
  [{ checks: [checked(true)] }, true],
  [{ checks: [checked(false)] }, false],
  [{ error: { code: 'cancelled', params: {} } }, true],
  [{ error: { code: 'drive-unplugged', params: { drive: 'Ultra' } } }, false],
])('after %j a window that was to close closes: %s', (changes, closes) => {
  expect(endedAsWished(job(changes))).toBe(closes);
});
