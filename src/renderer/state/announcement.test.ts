import { expect, test } from 'vitest';
import type { JobSnapshot } from '../../shared/ipc.ts';
import { translator } from '../../shared/messages/index.ts';
import type { Progress } from '../../shared/model/progress.ts';
import { announcementOf, wordingOf } from './announcement.ts';
import type { State } from './model.ts';
import { INITIAL } from './reducer.ts';

const EN = translator('en');
const DRIVE = { request: { kind: 'drive' }, state: 'done', verified: true, ejected: true };

function state(changes: Partial<JobSnapshot> | null, more: Partial<State> = {}): State {
  const build =
    changes === null
      ? null
      : ({
          subject: 'Ultra',
          outcomes: [DRIVE],
          error: null,
          ...changes,
        } as unknown as JobSnapshot);
  return { ...INITIAL, jobs: { build, check: null }, ...more };
}

function at(phase: Progress['phase'], part: number): State {
  const progress = { phase, bytesDone: part * 100, bytesTotal: 100 } as Progress;
  return state({ state: 'running', progress });
}

const said = (of: State): string => wordingOf(announcementOf(of), EN);

test('each phase and each quarter of a job is said once', () => {
  const all = [
    at('check', 0.5),
    at('write', 0),
    at('write', 0.4),
    at('write', 0.5),
    at('write', 0.9),
  ];
  all.push(at('verify', 0), at('verify', 0.5), at('commit', 0));
  const texts = all.map(said);
  expect(texts.filter((text, i) => text !== texts[i - 1])).toEqual([
    EN.t('phase.check'),
    EN.t('phase.write'),
    `${EN.t('phase.write')}: ${EN.format.percent(0.25)}`,
    `${EN.t('phase.verify')}: ${EN.format.percent(0.5)}`,
    `${EN.t('phase.verify')}: ${EN.format.percent(0.75)}`,
    EN.t('phase.commit'),
  ]);
});

test('the end of a job is said until its result is folded; then, that the images are ready', () => {
  const images = [{ status: { kind: 'ready' } }] as unknown as State['images'];
  const ended = { state: 'done', build: { outcomes: [DRIVE] } } as unknown as Partial<JobSnapshot>;
  expect(said(state(ended))).toBe(EN.t('notify.verified', { name: 'Ultra' }));
  expect(said(state(ended, { images }))).toBe(EN.t('notify.verified', { name: 'Ultra' }));
  expect(said(state(ended, { images, isResultOpen: false }))).toBe(
    EN.t('announce.ready', { count: 1 }),
  );
  expect(said(state(null, { images }))).toBe(EN.t('announce.ready', { count: 1 }));
  const reading = [{ status: { kind: 'reading' } }] as unknown as State['images'];
  expect(said(state(null, { images: reading }))).toBe('');
});
