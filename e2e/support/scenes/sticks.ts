import { holdToErase } from '../hold.ts';
import { HELD_OLD, SIXTEEN, TWENTY_ECUS } from '../many.ts';
import type { Scene, SceneContext } from '../scene.ts';

const TWO = ['autoware_image.tgz', 'perception_image.tar.zst'];
const FIVE = SIXTEEN.slice(0, 5);
const HELD = { '/dev/sdb': HELD_OLD };
const PULLED = [SIXTEEN[1], SIXTEEN[3]].map((drive) => drive?.identity.path ?? '');

async function chooseAll({ page, words }: SceneContext, count: number): Promise<void> {
  await page.getByRole('button', { name: words.t('write.preview') }).waitFor();
  await page.getByText(words.t('images.ready'), { exact: true }).last().waitFor();
  await page.getByRole('button', { name: words.t('stick.all', { count }) }).click();
}

async function confirmAll(on: SceneContext, count: number): Promise<void> {
  const { page, words } = on;
  await chooseAll(on, count);
  await page.getByRole('button', { name: words.t('write.start.drives', { count }) }).click();
  await page.getByRole('alertdialog').waitFor();
}

async function writeAll(on: SceneContext, count: number): Promise<void> {
  await confirmAll(on, count);
  await holdToErase(on.page, on.words);
}

/** A stick that holds an older offline OTA image, and is chosen. */
async function chooseHolding(on: SceneContext): Promise<void> {
  const { page, words } = on;
  await page.getByRole('button', { name: words.t('write.preview') }).waitFor();
  await page.getByText('SanDisk').first().click();
  await page.getByText(words.t('refresh.updates', { count: 1 })).waitFor();
}

/** Many sticks, and what becomes of them. */
export const STICK_SCENES: readonly Scene[] = [
  {
    name: '35-sixteen-sticks',
    scenario: { drives: SIXTEEN, held: HELD },
    images: TWO,
    act: async (on) => {
      await chooseAll(on, 16);
      await on.page.getByText(on.words.t('stick.relation.older')).waitFor();
    },
  },
  {
    name: '36-confirm-sixteen',
    scenario: { drives: SIXTEEN, held: HELD, images: { 'vehicle.zip': TWENTY_ECUS } },
    images: ['vehicle.zip'],
    act: async (on) => {
      await confirmAll(on, 16);
      await on.page.getByText(on.words.t('confirm.mixed-keys')).waitFor();
    },
  },
  {
    name: '37-several-running',
    scenario: {
      drives: FIVE,
      job: {
        stopAt: { phase: 'verify', fraction: 0.42 },
        pulled: { paths: PULLED.slice(0, 1), phase: 'write' },
      },
    },
    images: TWO,
    act: async (on) => {
      await writeAll(on, 5);
      await on.page.getByText(on.words.format.percent(0.71)).first().waitFor();
    },
  },
  {
    name: '38-partly-failed',
    scenario: { drives: FIVE, job: { pulled: { paths: PULLED, phase: 'write' } } },
    images: TWO,
    act: async (on) => {
      await writeAll(on, 5);
      await on.page
        .getByText(on.words.t('done.partial', { done: 3, count: 5 }))
        .first()
        .waitFor();
    },
  },
  {
    name: '39-does-not-fit',
    scenario: { drives: FIVE },
    images: TWO,
    act: async (on) => {
      await chooseAll(on, 5);
      const drives = FIVE.map((drive, i) => (i === 1 ? { ...drive, readOnly: true } : drive));
      await on.stage.play({ drives });
      await on.page.getByText(on.words.t('write.need.fit')).waitFor();
    },
  },
  {
    name: '46-next-stick',
    scenario: { drives: FIVE.slice(0, 3) },
    images: TWO,
    act: async (on) => {
      const { page, words } = on;
      await writeAll(on, 3);
      await page.getByRole('button', { name: words.t('done.another') }).click();
      await page.getByText('Kingston').first().click();
      await page.getByRole('button', { name: words.t('done.last.show') }).waitFor();
    },
  },
  {
    name: '48-refresh-offer',
    scenario: { drives: FIVE.slice(0, 2), held: HELD },
    images: TWO,
    act: chooseHolding,
  },
  {
    name: '49-refresh-confirm',
    scenario: { drives: FIVE.slice(0, 2), held: HELD },
    images: TWO,
    act: async (on) => {
      await chooseHolding(on);
      await on.page.getByRole('button', { name: on.words.t('refresh.start') }).click();
      await on.page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: '47-ended-elsewhere',
    scenario: { drives: FIVE, job: { stopAt: { phase: 'verify', fraction: 0.9 } } },
    images: TWO,
    act: async (on) => {
      const { page, words, stage } = on;
      await writeAll(on, 5);
      await page.locator('[aria-current=step]').waitFor();
      await page.getByRole('button', { name: words.t('nav.settings'), exact: true }).click();
      await stage.play({ job: {} });
      await page.getByRole('button', { name: words.t('done.last.show') }).waitFor();
    },
  },
];
