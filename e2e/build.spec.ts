import { stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, sample, test } from './support/test.ts';

test('drop two images, look at the manifest, save a tar', async ({ start, folder }) => {
  const { page, drop, ask } = await start();
  await expect(page.getByText('Drop OTA images here')).toBeVisible();
  await drop('.step[data-step=images]', [sample('p1_image.tgz'), sample('p2_image.tar.zst')]);
  const cards = page.locator('.cards > li');
  await expect(cards).toHaveCount(2);
  await expect(cards.nth(0).getByLabel('ECU ID')).toHaveValue('p1');
  await expect(cards.getByText('Checked', { exact: true })).toHaveCount(2, { timeout: 30_000 });

  await page.getByRole('button', { name: 'Preview manifest' }).click();
  await expect(page.getByRole('heading', { name: 'Manifest', exact: true })).toBeFocused();
  await expect(page.locator('.json')).toContainText('"ecu_id": "p2"');
  await page.getByRole('button', { name: 'Back' }).click();

  const file = path.join(folder, 'out put.tar');
  await ask('answerDialogs', [[file]]);
  await page.getByRole('button', { name: 'Save as a file…' }).click();
  await page.getByRole('menuitem', { name: 'A tar file…' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved. The contents were checked while writing.')).toBeVisible({
    timeout: 30_000,
  });
  expect((await stat(file)).size).toBeGreaterThan(1000);
});
