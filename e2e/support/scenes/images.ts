import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Scene, SceneContext } from '../scene.ts';

const WARNINGS = [{ code: 'signature-unanchored' }] as const;
const UNANCHORED = { signature: 'unanchored', warnings: WARNINGS } as const;
const TWO = ['autoware_image.tgz', 'perception_image.tar.zst'];
const TWENTY = Array.from({ length: 20 }, (_, i) => `camera_${i + 1}_image.tgz`);

async function ready({ page, words }: SceneContext, count: number): Promise<void> {
  await page
    .getByText(words.t('images.ready'), { exact: true })
    .nth(count - 1)
    .waitFor();
}

async function openMenu({ page, words }: SceneContext): Promise<void> {
  await page.getByRole('button', { name: words.t('sets.menu'), exact: true }).click();
}

/** With the images of before as the last set. */
async function startAgain(on: SceneContext): Promise<void> {
  const { page, words } = on;
  await ready(on, 2);
  await page.getByRole('button', { name: words.t('write.preview') }).waitFor();
  // There is a plan now, and the set is being remembered.
  await page.waitForTimeout(300);
  await page.reload();
  await page.getByRole('button', { name: words.t('sets.last.open') }).waitFor();
}

/** The list of images: opened, replaced, many, and its sets. */
export const IMAGE_SCENES: readonly Scene[] = [
  {
    name: '40-row-open',
    scenario: {
      images: { 'lidar_front_v2 (1).tgz': UNANCHORED, 'autoware_image.tgz': UNANCHORED },
    },
    images: ['lidar_front_v2 (1).tgz', 'autoware_image.tgz'],
    act: async (on) => {
      await ready(on, 2);
      await on.page.getByRole('button', { name: 'lidar_front' }).first().click();
      await on.page.getByText(on.words.t('images.ecu.confirm')).waitFor();
    },
  },
  {
    name: '41-replaced',
    scenario: {
      images: {
        'autoware_image_v2.tgz': { payloads: [{ ecuId: null, version: 'ver_20261120' }] },
      },
    },
    images: TWO,
    act: async (on) => {
      await ready(on, 2);
      const file = path.join(on.folder, 'autoware_image_v2.tgz');
      await writeFile(file, '');
      await on.app.drop('.step[data-step=images]', [file]);
      await on.page.getByRole('button', { name: on.words.t('images.undo') }).waitFor();
      await ready(on, 2);
    },
  },
  {
    name: '42-twenty-images',
    scenario: { images: Object.fromEntries(TWENTY.map((name) => [name, UNANCHORED])) },
    images: TWENTY,
    act: async (on) => ready(on, 20),
  },
  {
    name: '43-sets',
    images: TWO,
    act: async (on) => {
      const { page, words } = on;
      await ready(on, 2);
      await openMenu(on);
      await page.getByRole('menuitem', { name: words.t('sets.save') }).click();
      await page.getByLabel(words.t('sets.name')).fill('Depot 1');
      await page.getByRole('button', { name: words.t('sets.name.save') }).click();
      await page.getByLabel(words.t('sets.name')).waitFor({ state: 'detached' });
      await openMenu(on);
      await page.getByRole('menuitem', { name: 'Depot 1' }).waitFor();
    },
  },
  {
    name: '44-last-set',
    images: TWO,
    act: async (on) => startAgain(on),
  },
  {
    name: '45-set-changed',
    images: TWO,
    act: async (on) => {
      const { page, words } = on;
      await startAgain(on);
      await on.stage.play({
        images: {
          'autoware_image.tgz': { digest: '0'.repeat(64) },
          'perception_image.tar.zst': {
            error: { code: 'input-not-found', params: { file: 'perception_image.tar.zst' } },
          },
        },
      });
      await page.getByRole('button', { name: words.t('sets.last.open') }).click();
      await page.getByText(words.t('images.changed.short')).waitFor();
      await page.getByRole('alert').waitFor();
    },
  },
];
