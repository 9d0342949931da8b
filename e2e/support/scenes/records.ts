import {
  FAKE_MILLISECONDS,
  FAKE_PAIR,
  FAKE_SIGNATURE,
  FAKE_TIME,
  outputOf,
} from '../../host/fake-data.ts';
import type { HistoryEntry } from '../../../src/shared/history.ts';
import { driveName } from '../../../src/shared/model/drive.ts';
import type { CheckReport } from '../../../src/shared/model/job.ts';
import { named, stick } from '../scenario-file.ts';
import type { Scene, SceneContext } from '../scene.ts';

const FILE = '/home/kim/offline-ota-image-2026-11-20.tar';
const SANDISK = stick('b');
const KINGSTON = named(
  stick('c', { labels: ['ota_cache_src'], port: '2-1.2', size: 31_914_983_424 }),
  ...(['Kingston', 'DataTraveler 3.0', 'E0D55EA57427F9F0'] as const),
);
const EMPTY = named(stick('d', { labels: [], port: '2-1.3' }), 'Transcend', 'JetFlash', '1A2B33C8');
const STICKS = [SANDISK, KINGSTON, EMPTY];

const press = async ({ page }: SceneContext, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click();

/** What a check of the played output finds. */
export function playedCheck(complete: boolean, kind: CheckReport['kind'] = 'tar'): CheckReport {
  const { manifest, totalFiles, totalBytes } = outputOf(FAKE_PAIR);
  const faults: CheckReport['faults'] = [
    { kind: 'corrupt', path: `data/${'9e3779b1'.repeat(8)}`, detail: 'its SHA-256 differs' },
    { kind: 'missing', path: `data/${'3c6ef362'.repeat(8)}`, detail: 'an image needs it' },
  ];
  return {
    ...{ target: FILE, kind, complete, manifest },
    signatures: manifest.image_meta.map(() => FAKE_SIGNATURE),
    ...{ files: totalFiles, bytes: totalBytes },
    faults: complete ? [] : faults,
    faultCount: complete ? 0 : faults.length,
  };
}

async function openCheck(on: SceneContext): Promise<void> {
  await press(on, on.words.t('nav.check'));
  await on.page.getByText(on.words.t('check.intro')).waitFor();
}

async function checkFile(on: SceneContext): Promise<void> {
  await openCheck(on);
  await on.app.ask('answerDialogs', [[FILE]]);
  await press(on, on.words.t('check.choose.file'));
  await press(on, on.words.t('check.start', { count: 1 }));
}

async function checkSticks(on: SceneContext): Promise<void> {
  await openCheck(on);
  for (const drive of STICKS) await on.page.getByText(driveName(drive)).click();
  await press(on, on.words.t('check.start', { count: STICKS.length }));
}

const CHECKS = {
  [SANDISK.identity.path]: playedCheck(true, 'drive'),
  [KINGSTON.identity.path]: playedCheck(false, 'drive'),
};

export const CHECK_SCENES: readonly Scene[] = [
  {
    name: '19-check',
    scenario: { drives: STICKS },
    act: async (on) => {
      await openCheck(on);
      await on.page.getByText(driveName(SANDISK)).click();
      await on.page.getByText(driveName(KINGSTON)).click();
    },
  },
  {
    name: '20-check-complete',
    scenario: { drives: STICKS, check: playedCheck(true) },
    act: async (on) => {
      await checkFile(on);
      await on.page.getByRole('heading', { name: on.words.t('check.complete') }).waitFor();
    },
  },
  {
    name: '21-check-faults',
    scenario: { drives: STICKS, check: playedCheck(false) },
    act: async (on) => {
      await checkFile(on);
      await on.page.getByText(on.words.t('check.incomplete.file')).waitFor();
    },
  },
  {
    name: '32-checking-stick',
    scenario: {
      drives: STICKS,
      check: playedCheck(true),
      job: { stopAt: { phase: 'verify', fraction: 0.3 } },
    },
    act: async (on) => {
      await checkSticks(on);
      await on.page.getByText(/^30 ?%$/u).waitFor();
    },
  },
  {
    name: '65-checked-sticks',
    scenario: { drives: STICKS, checks: CHECKS },
    act: async (on) => {
      await checkSticks(on);
      await on.page
        .getByRole('heading', { name: on.words.t('check.complete.some', { done: 1, count: 3 }) })
        .waitFor();
    },
  },
];

async function openHistory(on: SceneContext): Promise<void> {
  await press(on, on.words.t('nav.history'));
  await on.page.getByText('perception').first().waitFor();
}

export const HISTORY_SCENES: readonly Scene[] = [
  { name: '22-history', act: openHistory },
  {
    name: '66-record',
    act: async (on) => {
      await openHistory(on);
      await on.page.locator('.history-entry').first().getByRole('button').click();
      await on.page.getByRole('heading', { name: on.words.t('record.title') }).waitFor();
    },
  },
  {
    name: '67-labels',
    act: async (on) => {
      await openHistory(on);
      // A stick that is complete: no other has a label.
      await on.page.locator('.history-entry').nth(1).getByRole('button').click();
      await on.page.getByRole('img').last().scrollIntoViewIfNeeded();
    },
  },
  {
    name: '68-history-search',
    act: async (on) => {
      await openHistory(on);
      await on.page.getByRole('searchbox').fill('f9f0 kingston');
      await on.page.getByText(on.words.t('history.found', { count: 1 })).waitFor();
    },
  },
];

/** With the sticks of the played day; the last scene, since the page keeps its clock. */
export const TODAY_SCENE: Scene = {
  name: '69-today',
  act: async ({ page, words }) => {
    await page.clock.setFixedTime(FAKE_TIME);
    await page.getByRole('button', { name: words.t('nav.settings'), exact: true }).click();
    await page.getByRole('button', { name: words.t('nav.back'), exact: true }).click();
    await page.getByRole('heading', { name: words.t('today.sticks', { count: 3 }) }).waitFor();
  },
};

const HOUR = 3_600_000;

interface Remembered extends Pick<HistoryEntry, 'kind' | 'result' | 'error'> {
  readonly later: number;
  readonly drive: typeof SANDISK;
}

const REMEMBERED: readonly Remembered[] = [
  { kind: 'check', result: 'incomplete', error: null, later: 0.4 * HOUR, drive: KINGSTON },
  { kind: 'build', result: 'verified', error: null, later: 0, drive: SANDISK },
  {
    ...{ kind: 'build', result: 'failed', later: -HOUR, drive: SANDISK },
    error: { code: 'drive-unplugged', params: { drive: driveName(SANDISK) } },
  },
  {
    ...{ kind: 'build', result: 'cancelled', later: -1.4 * HOUR, drive: SANDISK },
    error: { code: 'cancelled', params: {} },
  },
  { kind: 'build', result: 'verified', error: null, later: -1.6 * HOUR, drive: EMPTY },
  { kind: 'build', result: 'verified', error: null, later: -1.8 * HOUR, drive: SANDISK },
];

/** What the history of the pictures shows. */
export const HISTORY: { readonly entries: readonly HistoryEntry[] } = {
  entries: REMEMBERED.map(({ kind, result, error, later, drive }, index) => ({
    ...{ id: `h${index}`, kind, job: null, operator: 'kim', host: 'depot-3' },
    startedAt: FAKE_TIME + later,
    milliseconds: FAKE_MILLISECONDS,
    images: FAKE_PAIR.map(({ ecuId, version }) => ({ ecuId, version, ...FAKE_SIGNATURE })),
    outcomes: [
      {
        ...{ kind: 'drive', name: driveName(drive), serial: drive.identity.serial },
        ...{ port: drive.port, error, faults: result === 'incomplete' ? 2 : 0 },
        result: result === 'partial' ? 'failed' : result,
      },
    ],
    ...{ result, error },
  })),
};
