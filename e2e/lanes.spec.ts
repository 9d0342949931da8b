import path from 'node:path';
import { writeFile } from 'node:fs/promises';
import { translator, type Language } from '../src/shared/messages/index.ts';
import { holdToErase } from './support/hold.ts';
import { named, ScenarioFile, stick } from './support/scenario-file.ts';
import { expect, test, type Start } from './support/test.ts';
import type { Scenario } from './host/scenario.ts';

/** Several sticks in one run, with a fake engine. */

const STICKS = [
  named(stick('b'), 'SanDisk', 'Ultra', 'S-B'),
  named(stick('c'), 'Kingston', 'DataTraveler', 'S-C'),
  named(stick('d'), 'Samsung', 'Bar', 'S-D'),
];
const NAMES = ['SanDisk Ultra', 'Kingston DataTraveler', 'Samsung Bar'];
const [, PULLED] = STICKS;

/** The app with all sticks chosen, being written. */
async function writing(
  start: Start,
  folder: string,
  language: Language,
  job: NonNullable<Scenario['job']> = {},
) {
  const stage = new ScenarioFile(folder, { drives: STICKS, job });
  await stage.play();
  const app = await start({ ...stage.options, locale: language === 'ja' ? 'ja-JP' : 'en-US' });
  const { page } = app;
  const words = translator(language);
  const image = path.join(folder, 'autoware_image.tgz');
  await writeFile(image, '');
  await app.drop('.step[data-step=images]', [image]);
  await expect(page.getByRole('checkbox')).toHaveCount(3);
  for (const name of NAMES) await page.getByText(name).click();
  await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(3);
  await page.getByRole('button', { name: words.t('write.start.drives', { count: 3 }) }).click();
  const dialog = page.getByRole('alertdialog');
  await expect(dialog).toContainText(words.t('confirm.title.several', { count: 3 }));
  for (const name of NAMES) await expect(dialog).toContainText(name);
  await holdToErase(page, words);
  return { app, page, stage, words };
}

for (const language of ['en', 'ja'] as const) {
  test(`of three sticks one is pulled out: the others are complete (${language})`, async ({
    start,
    folder,
  }) => {
    const stopAt = { phase: 'write', fraction: 0.5 } as const;
    const { page, stage, words } = await writing(start, folder, language, { stopAt });
    const lanes = page.getByRole('list', { name: words.t('lanes.label') }).getByRole('listitem');
    await expect(lanes).toHaveCount(3);
    for (const [i, name] of NAMES.entries()) {
      await expect(lanes.nth(i)).toContainText(name);
      await expect(lanes.nth(i)).toContainText(words.t('phase.write'));
    }
    const pulled = { paths: [PULLED?.identity.path ?? ''], phase: 'write' } as const;
    await stage.play({
      drives: STICKS.filter((drive) => drive !== PULLED),
      job: { stopAt, pulled },
    });
    await stage.play({ job: { pulled } });

    const headline = words.t('done.partial', { done: 2, count: 3 });
    await expect(page.getByRole('heading', { name: headline })).toBeVisible();
    const results = page.getByRole('list', { name: words.t('lanes.label') }).getByRole('listitem');
    // What needs an answer comes first.
    await expect(results.nth(0)).toContainText('Kingston DataTraveler');
    await expect(results.nth(0)).toContainText(
      words.error({ code: 'drive-unplugged', params: { drive: 'DataTraveler' } }).what,
    );
    await expect(results.nth(0)).toContainText(words.t('failed.modified'));
    await expect(results.nth(1)).toContainText(words.t('done.drive'));
    await expect(results.nth(2)).toContainText(words.t('done.drive'));
    await expect(page.getByText(words.t('done.format'))).toBeVisible();

    // It is plugged in again, as another generation, and is the one that is chosen.
    const again = words.t('failed.repeat', { count: 1 });
    await expect(page.getByRole('button', { name: again })).toHaveCount(0);
    const [first, second, third] = STICKS as [
      (typeof STICKS)[0],
      (typeof STICKS)[0],
      (typeof STICKS)[0],
    ];
    const replugged = { ...second, identity: { ...second.identity, generation: 'later' } };
    await stage.play({ drives: [first, replugged, third], job: {} });
    await page.getByRole('button', { name: again }).click();
    await expect(page.getByRole('alertdialog')).toContainText('Kingston DataTraveler');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(1);
    await expect(page.locator('.stick[data-selected]')).toContainText('Kingston DataTraveler');

    await page.getByRole('button', { name: words.t('nav.history') }).click();
    await expect(page.locator('.history-entry')).toContainText(words.t('history.result.partial'));
  });
}

test('one of three sticks is stopped alone', async ({ start, folder }) => {
  const stopAt = { phase: 'write', fraction: 0.5 } as const;
  const { page, stage } = await writing(start, folder, 'en', { stopAt });
  await page.getByRole('button', { name: 'Stop Samsung Bar' }).click();
  const dialog = page.getByRole('alertdialog');
  await expect(dialog).toContainText('The other sticks go on.');
  await dialog.getByRole('button', { name: 'Stop', exact: true }).click();
  const lanes = page.getByRole('list', { name: 'Sticks' }).getByRole('listitem');
  await expect(lanes.nth(2)).toContainText('stopped');
  await expect(lanes.nth(0)).toContainText('Writing');
  await expect(page.getByRole('button', { name: 'Stop Samsung Bar' })).toBeDisabled();
  await stage.play({ job: {} });
  await expect(page.getByRole('heading', { name: '2 of 3 sticks are complete' })).toBeVisible();
});

test('all three sticks are complete; they are chosen and left out by the keyboard', async ({
  start,
  folder,
}) => {
  const { page } = await writing(start, folder, 'en');
  await expect(
    page.getByRole('heading', {
      name: 'All 3 sticks verified and ejected. They are safe to unplug.',
    }),
  ).toBeVisible();
  await page.getByRole('button', { name: 'More sticks' }).click();
  await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(0);
  await page.getByRole('checkbox').first().focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(2);
  await page.keyboard.press('Space');
  await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(1);
});
