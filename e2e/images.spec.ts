import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { translator } from '../src/shared/messages/index.ts';
import type { RunningApp } from './support/launch.ts';
import { ScenarioFile, stick } from './support/scenario-file.ts';
import { expect, sample, sampleV1, test } from './support/test.ts';

const en = translator('en');

/** Drops files that the played engine takes for images. */
async function drop(app: RunningApp, folder: string, ...names: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = names.map((name) => path.join(folder, name));
  for (const file of files) await writeFile(file, '');
  await app.drop('.step[data-step=images]', files);
}

const rowsOf = (page: Page) => page.locator('.image-rows > li');
/** Of a row by what its name begins with: the ECU, and then the version. */
const openerOf = (page: Page, name: string) =>
  page
    .getByRole('list', { name: en.t('images.list') })
    .getByRole('button', { name: new RegExp(`^${name}\\b`, 'u') });

test('rows: an ECU id is marked until it is confirmed, and opens for all else', async ({
  start,
  folder,
}) => {
  const warnings = [{ code: 'signature-unanchored' }] as const;
  const unanchored = { signature: 'unanchored', warnings } as const;
  const names = ['autoware_image_v2 (1).tgz', 'image.tgz'];
  const stage = new ScenarioFile(folder, {
    drives: [stick('b')],
    images: Object.fromEntries(names.map((name) => [name, unanchored])),
  });
  await stage.play();
  const userData = path.join(folder, 'data');
  const app = await start({ ...stage.options, userData });
  const { page } = app;
  await drop(app, folder, ...names);
  const rows = rowsOf(page);
  await expect(rows.nth(0)).toContainText('autoware');
  await expect(rows.nth(0)).toContainText(en.t('images.ecu.guess.short'));
  // Nothing is left of the other name: the row is open, and asks.
  await expect(rows.nth(1).getByRole('textbox').first()).toHaveAccessibleName(
    'ECU ID of image.tgz',
  );
  await expect(page.getByText(en.t('warning.signature-unanchored'))).toHaveCount(1);

  // Full-width letters and a space, as a Japanese keyboard makes them.
  await page.getByLabel('ECU ID of image.tgz').fill('ＡＵＴＯＷＡＲＥ ');
  await expect(page.getByText(en.t('images.ecu.duplicate'))).toHaveCount(2);
  await page.getByLabel('ECU ID of image.tgz').fill('ｐｅｒｃｅｐｔｉｏｎ ');
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('ECU ID of image.tgz')).toHaveValue('perception');
  await expect(rows.nth(1)).not.toContainText(en.t('images.ecu.guess.short'));
  await expect(rows.nth(1)).toContainText(en.t('images.ecu.new.short'));

  await openerOf(page, 'perception').focus();
  await page.keyboard.press('ArrowUp');
  await expect(openerOf(page, 'autoware')).toBeFocused();
  // It opened when both had one id, and stays so until it is closed.
  for (const isOpen of ['false', 'true']) {
    await page.keyboard.press('Enter');
    await expect(openerOf(page, 'autoware')).toHaveAttribute('aria-expanded', isOpen);
  }
  await expect(rows.nth(0)).toContainText('11,715 files');
  await expect(rows.nth(0)).toContainText('signed by OTA Signing 2026');
  await expect(rows.nth(0)).toContainText('autoware_image_v2 (1).tgz');
  await page.getByRole('button', { name: en.t('images.ecu.confirm') }).click();
  await expect(page.getByLabel(`ECU ID of ${names[0]}`)).toBeFocused();
  await expect(rows.nth(0)).not.toContainText(en.t('images.ecu.guess.short'));
  await expect(rows.nth(0)).toContainText(en.t('images.ecu.new.short'));
  await openerOf(page, 'autoware').click();
  const box = await rows.nth(0).boundingBox();
  expect(box?.height).toBeLessThanOrEqual(50);
  await expect(page.getByRole('log')).toHaveText(/autoware_image_v2 \(1\)\.tgz: contents OK/u);

  // Confirmed is confirmed, also after the app was closed; the size of the window is kept, too.
  await app.ask('resize', 1000, 700);
  await app.ask('closeWindow');
  await app.exited;
  const again = await start({ ...stage.options, userData });
  expect(await again.page.evaluate(() => [innerWidth, innerHeight])).toEqual([1000, 700]);
  await drop(again, folder, names[0] ?? '');
  await expect(rowsOf(again.page).nth(0)).toContainText(en.t('images.ready'));
  await expect(rowsOf(again.page).nth(0)).not.toContainText(en.t('images.ecu.guess.short'));
});

test('a newer image replaces the older one and comes back; rows change places by keys and by mouse', async ({
  start,
  folder,
}) => {
  const stage = new ScenarioFile(folder, { drives: [] });
  await stage.play();
  const app = await start(stage.options);
  const { page } = app;
  await drop(app, folder, 'autoware_image.tgz', 'perception_image.tgz');
  await expect(page.getByText(en.t('images.ready'), { exact: true })).toHaveCount(2);
  await drop(app, path.join(folder, 'new'), 'autoware_image_v2.tgz');
  const rows = rowsOf(page);
  await expect(page.getByText(/^autoware is .* now, instead of /u)).toBeVisible();
  await expect(rows).toHaveCount(2);
  const fileAt = (index: number, name: string) =>
    expect(rows.nth(index).getByRole('button', { name: `Remove ${name}` })).toBeVisible();
  await fileAt(0, 'autoware_image_v2.tgz');
  await page.getByRole('button', { name: 'Undo' }).press('Enter');
  await fileAt(0, 'autoware_image.tgz');
  await expect(rows.nth(0)).toContainText(en.t('images.ready'));
  await expect(openerOf(page, 'autoware ver_20261103')).toBeFocused();
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0);

  // What was undone is gone: it can be added again, and the plan is that of the rows.
  await page.keyboard.press('Alt+ArrowDown');
  await expect(rows.nth(1)).toContainText('autoware');
  await expect(openerOf(page, 'autoware ver_20261103')).toBeFocused();
  await expect(page.getByRole('status').filter({ hasText: 'number 2 of 2' })).toBeAttached();
  await page.getByRole('button', { name: 'Show contents' }).click();
  await expect(page.locator('.manifest-images li')).toHaveText([/^perception/u, /^autoware/u]);
  await page.getByRole('button', { name: 'Back' }).click();
  await rows.nth(0).dragTo(rows.nth(1));
  await expect(rows.nth(0)).toContainText('autoware');

  // Removed by the keyboard: the focus goes on, and the image can come back.
  await page.getByRole('button', { name: 'Remove autoware_image.tgz' }).press('Enter');
  await expect(openerOf(page, 'perception ver_20261103')).toBeFocused();
  await page.getByRole('button', { name: 'Remove perception_image.tgz' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Choose files…' })).toBeFocused();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(rows).toHaveCount(1);
});

test('sets: offered at the next start, saved, and said where a file is another one', async ({
  start,
  folder,
}) => {
  const stage = new ScenarioFile(folder, { drives: [] });
  await stage.play();
  const userData = path.join(folder, 'data');
  const first = await start({ ...stage.options, userData });
  await drop(first, folder, 'autoware_image.tgz', 'perception_image.tgz');
  await expect(first.page.getByText(en.t('images.ready'), { exact: true })).toHaveCount(2);
  const menu = (page: Page) => page.getByRole('button', { name: 'Sets' });
  await menu(first.page).click();
  await first.page.getByRole('menuitem', { name: en.t('sets.save') }).click();
  await expect(first.page.getByLabel(en.t('sets.name'))).toBeFocused();
  await first.page.keyboard.type('Depot 1');
  await first.page.keyboard.press('Enter');
  await expect(menu(first.page)).toBeFocused();
  // The last set is another one then.
  await first.page.getByRole('button', { name: 'Remove perception_image.tgz' }).click();
  await expect(first.page.getByRole('button', { name: 'Show contents' })).toBeVisible();
  const stored = path.join(userData, 'sets.json');
  const last = async (): Promise<number> =>
    (JSON.parse(await readFile(stored, 'utf8')) as { last: { images: [] } }).last.images.length;
  await expect.poll(last).toBe(1);
  await first.close();

  await stage.play({
    images: {
      'autoware_image.tgz': { digest: '0'.repeat(64) },
      'perception_image.tgz': {
        error: { code: 'input-not-found', params: { file: 'perception_image.tgz' } },
      },
    },
  });
  const { page } = await start({ ...stage.options, userData });
  const offer = page.getByRole('region', { name: en.t('sets.last') });
  await expect(offer).toContainText('autoware ver_20261103');
  await page.getByRole('button', { name: en.t('sets.last.open') }).press('Enter');
  await expect(rowsOf(page)).toHaveCount(1);
  // The offer went with the empty list.
  await expect(openerOf(page, 'autoware ver_20261103')).toBeFocused();
  await expect(rowsOf(page).nth(0)).toContainText(en.t('images.changed.short'));

  await menu(page).click();
  await page.getByRole('menuitem', { name: 'Depot 1' }).click();
  await expect(rowsOf(page)).toHaveCount(2);
  await expect(rowsOf(page).nth(1).getByRole('alert')).toBeVisible();
  await expect(page.getByText(en.t('images.undo.opened'))).toBeVisible();
  await menu(page).click();
  await page.getByRole('menuitem', { name: en.t('sets.remove') }).click();
  await page.getByRole('button', { name: 'Remove Depot 1' }).click();
  await expect(menu(page)).toBeFocused();
  await menu(page).click();
  await expect(page.getByRole('menuitem', { name: 'Depot 1' })).toHaveCount(0);
});

test('a folder of images adds all of them; a set file takes them to another computer', async ({
  start,
  folder,
}) => {
  const images = path.join(folder, 'images');
  await mkdir(images);
  for (const name of ['p1_image.tgz', 'p2_image.tar.zst'])
    await copyFile(sample(name), path.join(images, name));
  await copyFile(sampleV1('v1_b.zip'), path.join(images, 'v1_b.zip'));
  await writeFile(path.join(images, 'notes.txt'), 'hello');
  const { page, drop: dropPaths, ask } = await start();
  await dropPaths('.step[data-step=images]', [images]);
  await expect(rowsOf(page)).toHaveCount(3);
  await expect(page.getByText(en.t('images.ready'), { exact: true })).toHaveCount(3);
  await page.getByRole('button', { name: /^main_ecu, sub_ecu/u }).click();
  await page.locator('.payloads').getByText('sub_ecu').click();
  const file = path.join(images, 'depot.json');
  await ask('answerDialogs', [[file]]);
  await page.getByRole('button', { name: 'Sets' }).click();
  await page.getByRole('menuitem', { name: en.t('sets.export') }).click();
  await expect(page.getByText(`Saved as ${file}`)).toBeVisible();
  const text = await readFile(file, 'utf8');
  // What the set says of an image is what anybody finds in it.
  const token = execFileSync('tar', [
    ...['-xzOf', sample('p1_image.tgz'), '--wildcards', '*metadata.jwt'],
  ]);
  expect(text).toContain(createHash('sha256').update(token).digest('hex'));
  expect(text.length).toBeLessThan(4096);

  // The folder goes to another computer, where it has another name.
  const moved = path.join(folder, 'stick');
  await mkdir(moved);
  for (const name of ['p1_image.tgz', 'p2_image.tar.zst', 'v1_b.zip', 'depot.json'])
    await copyFile(path.join(images, name), path.join(moved, name));
  await rm(images, { recursive: true });
  const other = await start();
  await other.ask('answerDialogs', [[path.join(moved, 'depot.json')], [sample('p1_image.tgz')]]);
  const importSet = async (): Promise<void> => {
    await other.page.getByRole('button', { name: 'Sets' }).click();
    await other.page.getByRole('menuitem', { name: en.t('sets.import') }).click();
  };
  await importSet();
  await expect(other.page.getByText(en.t('images.ready'), { exact: true })).toHaveCount(3);
  await expect(other.page.getByText(en.t('images.changed.short'))).toHaveCount(0);
  await expect(rowsOf(other.page).nth(2)).toContainText('main_ecu');
  await expect(rowsOf(other.page).nth(2)).not.toContainText('sub_ecu');
  // Something else is refused, and the list stays.
  await importSet();
  const refused = { code: 'set-unreadable', params: { path: sample('p1_image.tgz') } } as const;
  await expect(other.page.getByText(en.error(refused).what)).toBeVisible();
  await expect(rowsOf(other.page)).toHaveCount(3);
});
