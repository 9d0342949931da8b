import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Drive } from '../../src/shared/model/drive.ts';
import { translator, type Language } from '../../src/shared/messages/index.ts';
import { holdToErase } from './hold.ts';
import type { RunningApp } from './launch.ts';
import { HELD_OLD } from './many.ts';
import type { Scene, SceneContext } from './scene.ts';
import { IMAGE_SCENES } from './scenes/images.ts';
import { CHECK_SCENES, HISTORY_SCENES, TODAY_SCENE } from './scenes/records.ts';
import { named, stick, type ScenarioFile } from './scenario-file.ts';
import { VEHICLE_SCENES } from './scenes/vehicle.ts';
import { STICK_SCENES } from './scenes/sticks.ts';

const STICK = stick('b');

const DRIVES = [
  STICK,
  named(
    stick('c', { labels: [], size: 31_914_983_424 }),
    'Kingston',
    'DataTraveler 3.0',
    'E0D55EA57427F9F0',
  ),
  {
    ...named(stick('d', { labels: ['ota_cache_src'] }), 'Transcend', 'JetFlash', '1A2B33C8'),
    kind: 'sd' as const,
    mounts: [{ path: '/media/kim/ota_cache_src', device: '/dev/sdd', pinned: false }],
  },
  {
    ...named(stick('a', { size: 512e9 }), 'Samsung', 'SSD 980', 'S64DNX0R'),
    kind: 'fixed' as const,
    system: true,
  },
  named(stick('e', { size: 250_000_000 }), 'Buffalo', 'USB Flash Disk', null),
];

const TWO = ['autoware_image.tgz', 'perception_image.tar.zst'];

const FILE = '/home/kim/offline-ota-image-2026-11-20.tar';

const LONG =
  'main-ecu_very-long-name-of-an-image-that-was-exported-by-hand_v2026.11.03-rc2_image.tar.zst';

const press = async ({ page }: SceneContext, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click();

async function choose(on: SceneContext, name: string): Promise<void> {
  await on.page.getByText(name).click();
}

async function startWriting(on: SceneContext): Promise<void> {
  const { page, words } = on;
  await ready(on);
  await choose(on, 'SanDisk Ultra');
  await press(on, words.t('write.start.drive'));
  await holdToErase(page, words);
}

async function ready({ page, words }: SceneContext): Promise<void> {
  await page.getByText(words.t('images.ready'), { exact: true }).last().waitFor();
  await page.getByRole('button', { name: words.t('write.preview') }).waitFor();
}

/** Every screen and state, from the first look to the last. */
export const SCENES: readonly Scene[] = [
  // First, since the history also tells of what the later ones do.
  ...HISTORY_SCENES,
  { name: '01-empty' },
  {
    name: '02-sticks',
    scenario: { drives: DRIVES },
    act: async ({ page }) => page.getByText('Kingston').waitFor(),
  },
  // Before any stick is written: the sticks of today would be in these pictures.
  ...IMAGE_SCENES,
  {
    name: '03-checking',
    scenario: {
      drives: DRIVES,
      images: {
        'autoware_image.tgz': {},
        'perception_image.tar.zst': { stopAt: { step: 'check', fraction: 0.42 } },
        'sensing_image.tgz': { stopAt: { step: 'inspect', fraction: 0.17 } },
      },
    },
    images: [...TWO, 'sensing_image.tgz'],
    act: async ({ page, words }) => {
      await page
        .getByText(words.t('images.checking', { percent: '42%' }))
        .first()
        .waitFor();
    },
  },
  {
    name: '04-problems',
    scenario: {
      drives: DRIVES,
      images: {
        'perception_image.tar.zst': {
          error: { code: 'archive-truncated', params: { file: 'perception_image.tar.zst' } },
        },
        [LONG]: { signature: 'unanchored', warnings: [{ code: 'signature-unanchored' }] },
      },
    },
    images: [TWO[1] ?? '', LONG, 'autoware_image.tgz', 'autoware-image.tar.xz'],
    act: async ({ page, words }) => {
      await page.getByText(words.t('images.ecu.duplicate')).first().waitFor();
    },
  },
  {
    name: '05-ready',
    scenario: { drives: DRIVES, held: { '/dev/sdd': HELD_OLD } },
    images: TWO,
    act: async (on) => {
      await ready(on);
      await choose(on, 'SanDisk Ultra');
    },
  },
  {
    name: '06-hidden-drives',
    scenario: { drives: DRIVES },
    images: TWO,
    act: async (on) => {
      await ready(on);
      await press(on, on.words.t('stick.hidden', { count: 2 }));
      await on.page.getByText('Buffalo').first().waitFor();
    },
  },
  {
    name: '07-preview',
    scenario: { drives: DRIVES },
    images: TWO,
    act: async (on) => {
      await ready(on);
      await press(on, on.words.t('write.preview'));
      await on.page.getByRole('row').nth(4).waitFor();
    },
  },
  {
    name: '08-confirm',
    scenario: { drives: DRIVES },
    images: TWO,
    act: async (on) => {
      await ready(on);
      await choose(on, 'SanDisk Ultra');
      await press(on, on.words.t('write.start.drive'));
      await on.page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: '09-confirm-large',
    scenario: { drives: [stick('b', { size: 1_000_204_886_016, labels: ['BACKUP', '写真'] })] },
    images: TWO,
    act: async (on) => {
      await ready(on);
      await choose(on, 'SanDisk Ultra');
      await press(on, on.words.t('write.start.drive'));
      await on.page.getByRole('textbox').last().fill('SanDisk Ul');
    },
  },
  {
    name: '10-writing',
    scenario: { drives: DRIVES, job: { stopAt: { phase: 'write', fraction: 0.426 } } },
    images: TWO,
    act: async (on) => {
      await startWriting(on);
      await on.page.getByText(on.words.format.percent(0.213), { exact: true }).waitFor();
    },
  },
  {
    name: '11-flushing',
    scenario: { drives: DRIVES, job: { stopAt: { phase: 'flush', fraction: 1 } } },
    images: TWO,
    act: async (on) => {
      await startWriting(on);
      await on.page
        .locator('[aria-current=step]', { hasText: on.words.t('phase.flush') })
        .waitFor();
    },
  },
  {
    name: '12-stop',
    scenario: { drives: DRIVES, job: { stopAt: { phase: 'verify', fraction: 0.8 } } },
    images: TWO,
    act: async (on) => {
      await startWriting(on);
      await on.page.getByText(on.words.format.percent(0.9), { exact: true }).waitFor();
      await press(on, on.words.t('job.stop'));
      await on.page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: '13-closing',
    scenario: { drives: DRIVES, job: { stopAt: { phase: 'write', fraction: 0.6 } } },
    images: TWO,
    act: async (on) => {
      await startWriting(on);
      await on.app.ask('closeWindow');
      await on.page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: '14-done',
    scenario: { drives: DRIVES },
    images: TWO,
    act: async (on) => {
      await startWriting(on);
      await on.page.getByRole('heading', { name: on.words.t('done.drive') }).waitFor();
    },
  },
  {
    name: '15-done-file',
    scenario: { drives: [] },
    images: TWO,
    act: async (on) => {
      await ready(on);
      await on.app.ask('answerDialogs', [[FILE]]);
      await press(on, on.words.t('stick.file'));
      await on.page.getByRole('menuitem').first().click();
      await press(on, on.words.t('write.start.file'));
      await on.page.getByRole('heading', { name: on.words.t('done.file') }).waitFor();
    },
  },
  {
    name: '16-failed',
    scenario: {
      drives: DRIVES,
      job: { error: { code: 'drive-unplugged', params: { drive: 'SanDisk Ultra' } } },
    },
    images: TWO,
    act: async (on) => {
      await startWriting(on);
      await on.page.getByText(on.words.t('failed.title', { count: 1 })).waitFor();
    },
  },
  {
    name: '17-cancelled',
    scenario: { drives: DRIVES, job: { stopAt: { phase: 'write', fraction: 0.3 } } },
    images: TWO,
    act: async (on) => {
      await startWriting(on);
      await press(on, on.words.t('job.stop'));
      await press(on, on.words.t('job.stop.yes'));
      await on.page.getByRole('heading', { name: on.words.t('failed.cancelled') }).waitFor();
    },
  },
  {
    name: '18-unplugged',
    scenario: { drives: DRIVES },
    images: TWO,
    act: async (on) => {
      await ready(on);
      await choose(on, 'SanDisk Ultra');
      await on.stage.play({ drives: DRIVES.slice(1) });
      await on.page.getByText(on.words.t('stick.unplugged', { name: 'SanDisk Ultra' })).waitFor();
    },
  },
  ...CHECK_SCENES,
  {
    name: '23-settings',
    act: async (on) => {
      await press(on, on.words.t('nav.settings'));
      await on.page.getByText(on.words.t('settings.ca.hint')).waitFor();
    },
  },
  {
    name: '24-confirm-calm',
    scenario: { drives: DRIVES },
    images: TWO,
    reducedMotion: true,
    act: async (on) => {
      await ready(on);
      await choose(on, 'SanDisk Ultra');
      await press(on, on.words.t('write.start.drive'));
      await on.page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: '25-payloads',
    scenario: {
      drives: DRIVES,
      images: {
        'vehicle.zip': {
          payloads: [
            { ecuId: 'main_ecu', version: '1.4.0', releaseKey: 'dev' },
            { ecuId: 'main_ecu', version: '1.4.0', releaseKey: 'prd' },
            { ecuId: 'sub_ecu', version: '1.4.0', releaseKey: 'prd' },
          ],
        },
      },
    },
    images: ['vehicle.zip'],
    act: async ({ page, words }) => {
      await page.getByText(words.t('images.ecu.both')).waitFor();
    },
  },
  {
    name: '26-invalid-signature',
    scenario: {
      drives: DRIVES,
      images: {
        'autoware_image.tgz': {
          error: { code: 'signature-invalid', params: { file: 'autoware_image.tgz' } },
        },
      },
    },
    images: TWO,
    act: async ({ page, words }) => {
      await page.getByText(words.t('images.failed'), { exact: true }).waitFor();
    },
  },
  {
    name: '27-eject-failed',
    scenario: {
      drives: DRIVES,
      job: {
        notEjected: true,
        notice: {
          code: 'drive-eject-failed',
          params: { drive: 'SanDisk Ultra', reason: 'EBUSY' },
        },
      },
    },
    images: TWO,
    act: async (on) => {
      await startWriting(on);
      await on.page.getByRole('heading', { name: on.words.t('done.drive.stays') }).waitFor();
    },
  },
  {
    name: '28-no-drive-list',
    scenario: { drivesError: { code: 'drive-list-failed', params: { reason: 'lsblk' } } },
    images: TWO,
    act: async (on) => {
      await ready(on);
      const error = { code: 'drive-list-failed', params: { reason: 'lsblk' } } as const;
      await on.page.getByText(on.words.error(error).what).waitFor();
    },
  },
  {
    name: '29-untouched',
    scenario: {
      drives: DRIVES,
      job: { error: { code: 'elevation-cancelled', params: {} }, errorIn: 'check' },
    },
    images: TWO,
    act: async (on) => {
      await startWriting(on);
      await on.page.getByText(on.words.t('failed.unmodified')).waitFor();
    },
  },
  {
    name: '30-notice',
    scenario: { drives: DRIVES },
    images: TWO,
    act: async (on) => {
      await ready(on);
      await on.app.drop('.step[data-step=images]', [path.join(on.folder, TWO[0] ?? '')]);
      const name = TWO[0] ?? '';
      await on.page.getByText(on.words.t('images.already', { name })).waitFor();
    },
  },
  {
    name: '31-about',
    act: async (on) => {
      await press(on, on.words.t('nav.settings'));
      await press(on, on.words.t('about.licences'));
      await on.page.locator('pre').scrollIntoViewIfNeeded();
    },
  },
  {
    name: '33-broken',
    scenario: { drives: DRIVES },
    act: async ({ page, stage, words }) => {
      // Main never sends this; a page that gets it throws while it renders.
      await stage.play({ drives: [{} as Drive] });
      await page.getByText(words.t('broken.title')).first().waitFor();
    },
  },
  {
    name: '34-no-file-list',
    scenario: {
      drives: DRIVES,
      filesError: { code: 'internal', params: { detail: 'the backend ended' } },
    },
    images: TWO,
    act: async (on) => {
      await ready(on);
      await press(on, on.words.t('write.preview'));
      await on.page.getByRole('button', { name: on.words.t('common.again') }).waitFor();
    },
  },
  ...VEHICLE_SCENES,
  ...STICK_SCENES,
  TODAY_SCENE,
];

/** Brings an app that has just been started into the state of a scene. */
export async function play(
  scene: Scene,
  app: RunningApp,
  stage: ScenarioFile,
  language: Language,
  folder: string,
): Promise<void> {
  const { page } = app;
  await page.locator('header').waitFor();
  const files = (scene.images ?? []).map((name) => path.join(folder, name));
  for (const file of files) await writeFile(file, '');
  if (files.length > 0) await app.drop('.step[data-step=images]', files);
  await scene.act?.({ app, page, stage, words: translator(language), folder });
}
