// @vitest-environment happy-dom
import { act, createElement } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { FAKE_TIME } from '../../e2e/host/fake-data.ts';
import { named, stick } from '../../e2e/support/scenario-file.ts';
import { HISTORY, playedCheck } from '../../e2e/support/scenes/records.ts';
import { App } from '../../src/renderer/app.tsx';
import { connect } from '../../src/renderer/state/effects.ts';
import { createStore } from '../../src/renderer/state/store.ts';
import { StoreContext } from '../../src/renderer/state/use-store.ts';
import { DEFAULT_SETTINGS, type AppStart, type JobSnapshot } from '../../src/shared/ipc.ts';
import { NO_SETS } from '../../src/shared/ipc-sets.ts';
import { LANGUAGES, translator, type Language } from '../../src/shared/messages/index.ts';
import { waitingCheck, type CheckOutcome } from '../../src/shared/model/check.ts';

const GOOD = stick('b');
const BAD = named(stick('c', { port: '2-1.2' }), 'Kingston', 'DataTraveler', 'E0D55EA5F9F0');
const NAMES = ['SanDisk Ultra', 'Kingston DataTraveler', '/images/none.tar'];

const CHECKS: readonly CheckOutcome[] = [
  {
    ...waitingCheck({ kind: 'drive', identity: GOOD.identity }),
    ...{ state: 'done', report: playedCheck(true, 'drive'), ejected: true },
  },
  {
    ...waitingCheck({ kind: 'drive', identity: BAD.identity }),
    ...{ state: 'done', report: playedCheck(false, 'drive') },
  },
  {
    ...waitingCheck({ kind: 'path', path: NAMES[2] ?? '' }),
    state: 'failed',
    error: { code: 'input-not-found', params: { file: 'none.tar' } },
  },
];

function checkJob(state: JobSnapshot['state'], checks: readonly CheckOutcome[]): JobSnapshot {
  return {
    ...{ id: 'job', kind: 'check', startedAt: 0, outcomes: [], lanes: [], checks, names: NAMES },
    ...{ ports: ['2-1.4', '2-1.2', null], subject: NAMES.join(', '), state, removing: false },
    ...{ progress: null, notices: [], build: null, error: null },
  };
}

const printed = vi.fn();
let asked: { readonly command: string; readonly payload: unknown }[] = [];
let root: Root | null = null;
let end = (): void => undefined;

async function settled(work: () => void): Promise<void> {
  await act(async () => {
    work();
    await Promise.resolve();
  });
}

async function open(language: Language, changes: Partial<AppStart> = {}): Promise<void> {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  asked = [];
  printed.mockClear();
  const answers: Record<string, unknown> = {
    'history.list': HISTORY.entries,
    'app.start': {
      ...{ version: '1.0.0', platform: 'linux', systemLanguage: language, fixed: [] },
      screenReader: false,
      ...{ settings: DEFAULT_SETTINGS, jobs: { build: null, check: null } },
      ...{ drives: { drives: [GOOD, BAD], error: null }, openedFiles: [], problem: null },
      ...{ ecus: { used: [], confirmed: [] }, sets: NO_SETS, previewSort: 'size' },
      ...changes,
    } satisfies AppStart,
    'settings.checkCaFolder': { withoutRoot: [] },
  };
  Object.assign(window, {
    print: printed,
    ota: {
      invoke: (command: string, payload: unknown) => {
        asked.push({ command, payload });
        return Promise.resolve({ ok: structuredClone(answers[command] ?? null) });
      },
      on: () => () => undefined,
      pathOf: () => '',
    },
  });
  document.body.innerHTML = '<div id="root"></div>';
  const store = createStore();
  end = connect(store);
  root = createRoot(document.querySelector('#root') ?? document.body);
  const app = createElement(StoreContext, { value: store }, createElement(App));
  await settled(() => root?.render(app));
}

afterEach(async () => {
  end();
  await settled(() => root?.unmount());
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const page = (): string => document.body.textContent;

async function press(name: string): Promise<void> {
  const button = [...document.querySelectorAll('button')].find(
    (each) => each.textContent === name || each.getAttribute('aria-label') === name,
  );
  if (button === undefined) throw new Error(`no button ${name}`);
  await settled(() => button.click());
}

describe.each(LANGUAGES)('in %s', (language) => {
  const { t } = translator(language);

  test('sticks are chosen, and one press checks them', async () => {
    await open(language);
    await press(t('nav.check'));
    expect(page()).toContain(t('check.none'));
    for (const box of document.querySelectorAll<HTMLInputElement>('input[type=checkbox]'))
      await settled(() => box.click());
    await press(t('check.start', { count: 2 }));
    const drives = [GOOD, BAD].map(({ identity }) => ({ kind: 'drive', identity }));
    expect(asked.find(({ command }) => command === 'job.check')?.payload).toEqual({
      ...{ subjects: drives, eject: true },
    });
  });

  test('while a check runs, each subject says how far it is', async () => {
    const [done, second, third] = CHECKS;
    if (done === undefined || second === undefined || third === undefined) throw new Error('three');
    const running: CheckOutcome = { ...waitingCheck(second.subject), state: 'running' };
    const checks = [done, running, waitingCheck(third.subject)];
    await open(language, { jobs: { build: null, check: checkJob('running', checks) } });
    await press(t('nav.check'));
    expect(page()).toContain(t('check.running', { name: 'Kingston DataTraveler' }));
    expect(page()).toContain(t('history.result.complete'));
    expect(page()).toContain(t('check.state.waiting'));
    expect(page()).toContain('none.tar');
  });

  test('a check that has ended says of each what was found', async () => {
    await open(language, { jobs: { build: null, check: checkJob('done', CHECKS) } });
    await press(t('nav.check'));
    for (const words of [
      t('check.complete.some', { done: 1, count: 3 }),
      ...[t('check.complete'), t('check.incomplete'), t('check.failed'), t('check.ejected')],
      ...[t('check.stays'), t('done.format'), t('fault.corrupt'), '…9F02', '…F9F0'],
      t('stick.port', { port: '2-1.2' }),
    ])
      expect(page()).toContain(words);
    if (language === 'ja') expect(page()).not.toContain('SHA-256 differs');
  });

  test('an empty window offers the sets of before, and lists the sticks of today', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: FAKE_TIME });
    const payload = { ecuId: 'lidar', version: 'ver_7', releaseKey: null };
    const image = { path: '/a.tgz', digest: 'a'.repeat(64), ecuId: null, version: null };
    const set = { images: [{ ...image, payloads: [payload], leftOut: [] }] };
    const saved = ['One', 'Two', 'Three', 'Four'].map((name) => ({ ...set, name }));
    await open(language, { sets: { last: { ...set, name: '' }, named: saved } });
    const offered = [...document.querySelectorAll('.offered-set')].map((each) => each.textContent);
    expect(offered).toHaveLength(4);
    expect(offered[0]).toContain(t('sets.last.open'));
    expect(offered[3]).toContain(t('sets.use', { name: 'Three' }));
    expect(offered[3]).toContain('lidar ver_7');
    const today = document.querySelector('.sticks-of-today');
    expect(today?.querySelector('h3')?.textContent).toBe(t('today.sticks', { count: 3 }));
    expect(today?.querySelectorAll('li')).toHaveLength(3);
    expect(today?.textContent).toContain('SanDisk Ultra …9F02');

    // On another day there are none.
    await settled(() => root?.unmount());
    vi.setSystemTime(FAKE_TIME + 86_400_000);
    await open(language);
    expect(document.querySelector('.sticks-of-today')).toBeNull();
  });

  test('the history opens a report, and prints the report or its labels', async () => {
    await open(language);
    await press(t('nav.history'));
    const entries = document.querySelectorAll('.history-entry');
    expect(entries).toHaveLength(HISTORY.entries.length);
    await settled(() => entries[1]?.querySelector('button')?.click());
    for (const fact of ['kim', 'depot-3', 'autoware', 'ver_20261103', 'Example Motors', '5d41402a'])
      expect(page()).toContain(fact);
    expect(document.querySelectorAll('.label svg[role=img]')).toHaveLength(1);
    for (const [button, part] of [
      [t('record.print'), 'report'],
      [t('record.labels.print', { count: 1 }), 'labels'],
    ] as const) {
      await press(button);
      expect(document.documentElement.dataset['print']).toBe(part);
      window.dispatchEvent(new Event('afterprint'));
      expect(document.documentElement.dataset['print']).toBeUndefined();
    }
    expect(printed).toHaveBeenCalledTimes(2);
    expect(document.activeElement?.textContent).toBe(t('record.title'));
    await press(t('record.back'));
    expect(document.activeElement?.textContent).toBe(t('history.title'));
    expect(document.querySelectorAll('.history-entry')).toHaveLength(HISTORY.entries.length);
  });

  test('a setting that is fixed cannot be changed, and says why', async () => {
    const settings = { ...DEFAULT_SETTINGS, caDir: '/srv/ca' };
    await open(language, { settings, fixed: ['caDir', 'ejectAfterWrite', 'theme'] });
    await press(t('nav.settings'));
    expect(page().split(t('settings.fixed'))).toHaveLength(4);
    const names = [...document.querySelectorAll('button')].map((each) => each.textContent);
    expect(names).not.toContain(t('settings.ca.change'));
    expect(names).not.toContain(t('settings.ca.clear'));
    const inputs = [...document.querySelectorAll<HTMLInputElement>('input')];
    const disabled = inputs.filter((each) => each.disabled);
    // Three appearances and the switch; language and log can still be chosen.
    expect([disabled.length, inputs.length]).toEqual([4, 10]);
  });
});
