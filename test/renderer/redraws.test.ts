// @vitest-environment happy-dom
import { globSync, readFileSync } from 'node:fs';
import { takeDrawn } from './drawn-components.ts';
import { act, createElement } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AppStart, Events, JobSnapshot } from '../../src/shared/ipc.ts';
import { DEFAULT_SETTINGS } from '../../src/shared/ipc.ts';
import { NO_SETS } from '../../src/shared/ipc-sets.ts';
import type { Progress } from '../../src/shared/model/progress.ts';
import { waitingOutcome } from '../../src/shared/model/outcome.ts';
import { App } from '../../src/renderer/app.tsx';
import { connect } from '../../src/renderer/state/effects.ts';
import { createStore } from '../../src/renderer/state/store.ts';
import { StoreContext } from '../../src/renderer/state/use-store.ts';
import { stick } from '../../e2e/support/scenario-file.ts';

const START: AppStart = {
  version: '1.0.0',
  platform: 'linux',
  systemLanguage: 'en',
  screenReader: false,
  fixed: [],
  settings: DEFAULT_SETTINGS,
  jobs: { build: null, check: null },
  drives: { drives: [stick('b')], error: null },
  ...{ ecus: { used: [], confirmed: [] }, sets: NO_SETS, previewSort: 'size' },
  openedFiles: ['/images/autoware_image.tgz', '/images/perception_image.tgz'],
  problem: null,
};

const PROGRESS: Progress = {
  phase: 'write',
  bytesDone: 1_000_000,
  bytesTotal: 100_000_000,
  filesDone: 1,
  filesTotal: 100,
  bytesPerSecond: 1_000_000,
  secondsLeft: 99,
};

function job(progress: Progress): JobSnapshot {
  return {
    id: 'job',
    kind: 'build',
    startedAt: 0,
    outcomes: [
      {
        ...waitingOutcome({
          ...{ kind: 'drive', allowFixed: false, eject: true },
          identity: stick('b').identity,
        }),
        ...{ state: 'running', phase: progress.phase, driveModified: true },
      },
    ],
    names: ['Ultra'],
    ports: ['2-1'],
    lanes: [null],
    subject: 'Ultra',
    state: 'running',
    removing: false,
    progress,
    notices: [],
    build: null,
    checks: [],
    error: null,
  };
}

/** The page's own components: what libraries draw inside of them is theirs. */
const OWN = new Set(
  globSync('src/renderer/**/*.tsx').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^(?:export )?function ([A-Z]\w*)/gmu)].map(
      ([, name]) => name,
    ),
  ),
);

let asked: { readonly command: string; readonly payload: unknown }[];
let listeners: Map<string, (payload: unknown) => void>;
let root: Root;
let end: () => void;

/** The id that the window gave to the first image. */
function imageId(): string {
  const added = asked.find(({ command }) => command === 'images.add');
  return (added?.payload as { readonly id: string }).id;
}

/** Does something and waits until React has drawn all that follows. */
async function settled(work: () => void): Promise<void> {
  await act(async () => {
    work();
    await Promise.resolve();
  });
}

/** Sends an event of the main process, and returns which of the page's own components it draws. */
async function send<E extends keyof Events>(event: E, payload: Events[E]): Promise<string[]> {
  takeDrawn();
  // A copy, as everything is that comes from another process.
  await settled(() => listeners.get(event)?.(structuredClone(payload)));
  return [...new Set(takeDrawn())].filter((name) => OWN.has(name));
}

beforeEach(async () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  asked = [];
  listeners = new Map();
  Object.assign(window, {
    ota: {
      invoke: (command: string, payload: unknown) => {
        asked.push({ command, payload });
        const answers = {
          'app.start': START,
          'images.find': START.openedFiles,
          'history.list': [],
        };
        const ok = (answers as Record<string, unknown>)[command] ?? null;
        return Promise.resolve({ ok });
      },
      on: (event: string, listener: (payload: unknown) => void) => {
        listeners.set(event, listener);
        return () => listeners.delete(event);
      },
      pathOf: () => '',
    },
  });
  document.body.innerHTML = '<div id="root"></div>';
  const store = createStore();
  end = connect(store);
  root = createRoot(document.querySelector('#root') ?? document.body);
  const app = createElement(StoreContext, { value: store }, createElement(App));
  await settled(() => root.render(app));
});

afterEach(async () => {
  end();
  await settled(() => root.unmount());
  vi.unstubAllGlobals();
});

describe('a progress event of a build', () => {
  test('draws the figures of the progress and nothing else', async () => {
    await send('job', { kind: 'build', job: job(PROGRESS) });
    // Half of it is writing, the other half is reading back.
    expect(document.body.textContent).toMatch(/[^\d]0\s?%/u);
    const later = { ...PROGRESS, bytesDone: 40_000_000, secondsLeft: 60 };
    const drawn = await send('job', { kind: 'build', job: job(later) });
    expect(document.body.textContent).toMatch(/20\s?%/u);
    expect(drawn).toEqual(['ProgressFacts']);
    // A quarter of the whole is said.
    const quarter = { ...PROGRESS, bytesDone: 50_000_000, secondsLeft: 50 };
    expect(await send('job', { kind: 'build', job: job(quarter) })).toEqual([
      'Announcer',
      'ProgressFacts',
    ]);
  });

  test('draws the list of phases where another phase begins', async () => {
    await send('job', { kind: 'build', job: job(PROGRESS) });
    const drawn = await send('job', { kind: 'build', job: job({ ...PROGRESS, phase: 'flush' }) });
    expect(drawn).toEqual(['Announcer', 'ProgressFacts', 'PhaseList']);
  });
});

test('progress of reading an image draws the progress of its row and nothing else', async () => {
  const id = imageId();
  await send('image', { id, event: { kind: 'progress', step: 'inspect', done: 1, total: 10 } });
  const drawn = await send('image', {
    id,
    event: { kind: 'progress', step: 'inspect', done: 5, total: 10 },
  });
  expect(document.body.textContent).toMatch(/50\s?%/u);
  expect(drawn).toEqual(['RowProgress']);
});

test('a new list of drives draws nothing of the images', async () => {
  const drawn = await send('drives', { drives: [stick('b'), stick('c')], error: null });
  expect(drawn).toContain('StickList');
  expect(drawn).not.toContain('ImageRow');
});

test('a chosen stick that can no longer be written says why in its place', async () => {
  await settled(() => document.querySelector<HTMLElement>('.stick')?.click());
  expect(document.querySelectorAll('.stick[data-selected]')).toHaveLength(1);
  await send('drives', { drives: [{ ...stick('b'), readOnly: true }, stick('c')], error: null });
  const [refused, other] = document.querySelectorAll('.stick');
  expect(refused?.textContent).toContain('write-protected');
  expect(other?.textContent).not.toContain('write-protected');
});
