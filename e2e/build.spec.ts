import { readFile, stat } from 'node:fs/promises';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import path from 'node:path';
import type { Manifest } from '../src/shared/model/manifest.ts';
import { onElectron, RUNTIME } from './support/launch-electron.ts';
import { ROOT } from './support/launch.ts';
import { expect, sample, test } from './support/test.ts';

test('drop two images, look at the manifest, save a tar', async ({ start, folder }) => {
  const { page, drop, ask } = await start();
  await expect(page.getByText('Drop OTA images here')).toBeVisible();
  await drop('.step[data-step=images]', [sample('p1_image.tgz'), sample('p2_image.tar.zst')]);
  const rows = page.locator('.image-rows > li');
  await expect(rows).toHaveCount(2);
  await rows.nth(0).getByRole('button', { name: 'p1' }).first().click();
  await expect(page.getByLabel('ECU ID of p1_image.tgz')).toHaveValue('p1');
  await expect(rows.getByText('Contents OK', { exact: true })).toHaveCount(2);

  await page.getByRole('button', { name: 'Show contents' }).click();
  await expect(page.getByRole('heading', { name: 'Contents', exact: true })).toBeFocused();
  await expect(page.locator('.json')).toContainText('"ecu_id": "p2"');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect(page.getByText('Copied')).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect((JSON.parse(copied) as Manifest).image_meta.map(({ ecu_id }) => ecu_id)).toEqual([
    'p1',
    'p2',
  ]);
  await page.getByRole('button', { name: 'Back' }).click();

  const file = path.join(folder, 'out put.tar');
  await ask('answerDialogs', [[file]]);
  await page.getByRole('button', { name: 'Save as a file…' }).click();
  await page.getByRole('menuitem', { name: 'A tar file…' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved. The contents were checked while writing.')).toBeVisible();
  expect((await stat(file)).size).toBeGreaterThan(1000);
});

test('files that are dropped anywhere are added, and checked where that is the question', async ({
  start,
  folder,
}) => {
  const { page, drop, ask } = await start();
  await page.getByRole('button', { name: 'History' }).click();
  await drop('header', [sample('p1_image.tgz')]);
  await expect(page.locator('.image-rows > li')).toHaveCount(1);
  await page.getByRole('button', { name: 'Settings' }).click();
  await drop('main', [sample('p2_image.tar.zst')]);
  await expect(page.locator('.image-rows > li')).toHaveCount(2);
  await expect(page.getByText('Contents OK', { exact: true })).toHaveCount(2);

  const file = path.join(folder, 'two.tar');
  await ask('answerDialogs', [
    [file],
    [path.join(folder, 'report.txt')],
    [path.join(folder, 'h.csv')],
  ]);
  await page.getByRole('button', { name: 'Save as a file…' }).click();
  await page.getByRole('menuitem', { name: 'A tar file…' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('button', { name: 'Save report…' }).click();
  await expect(page.getByText(/^Saved as .*report\.txt$/u)).toBeVisible();
  expect(await readFile(path.join(folder, 'report.txt'), 'utf8')).toContain('p2');
  await page.getByRole('button', { name: 'History' }).click();
  await page.getByRole('button', { name: 'Save as CSV…' }).click();
  await expect(page.getByText(/^Saved as .*h\.csv$/u)).toBeVisible();
  expect(await readFile(path.join(folder, 'h.csv'), 'utf8')).toMatch(/two\.tar,,,saved,/u);

  await page.getByRole('button', { name: 'Check a stick' }).click();
  await drop('main', [file]);
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await expect(
    page.getByRole('heading', { name: 'Complete: ready for the vehicle' }),
  ).toBeVisible();
  // One after the other, without a way back in between; this one is no offline OTA image.
  await drop('main', [sample('p1_image.tgz')]);
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await expect(page.getByRole('alert')).toBeVisible();
});

test('with options the app is the command line, and opens no window', async ({ folder }) => {
  const run = (...args: string[]): SpawnSyncReturns<string> =>
    spawnSync(
      onElectron ? RUNTIME : process.execPath,
      onElectron
        ? [path.join(ROOT, 'out/main/index.js'), ...args]
        : [
            ...['--disable-warning=ExperimentalWarning', '--import'],
            ...[path.join(ROOT, 'e2e/host/hook.ts'), path.join(ROOT, 'out/main/index.js'), ...args],
          ],
      // A window would keep it from ending.
      { encoding: 'utf8', env: { ...process.env, LANG: 'en_US.UTF-8' }, timeout: 120_000 },
    );
  const file = path.join(folder, 'cli.tar');
  const built = run('--image', `p1:${sample('p1_image.tgz')}:v7`, '-o', file);
  expect(built.status, built.stderr).toBe(0);
  const verified = run('verify', file);
  expect(verified.status).toBe(0);
  expect(verified.stdout).toContain('complete');
  expect(run('--help').stdout).toContain('--image');
  // Wrong arguments, as the command line has it.
  expect(run('--image', 'p1:/nonexistent.tgz', '-o', file).status).toBe(22);
  // A switch that is not ours may be one of the runtime's; behind one of our commands it is wrong.
  expect(run('verify', '--nonsense').status).toBe(22);
  expect((await stat(file)).size).toBeGreaterThan(1000);
});
