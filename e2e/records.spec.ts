import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { translator } from '../src/shared/messages/index.ts';
import { driveName } from '../src/shared/model/drive.ts';
import { named, ScenarioFile, stick } from './support/scenario-file.ts';
import { playedCheck } from './support/scenes/records.ts';
import { expect, test } from './support/test.ts';

const en = translator('en');
const GOOD = stick('b');
const BAD = named(stick('c', { port: '2-1.2' }), 'Kingston', 'DataTraveler', 'E0D55EA5F9F0');

test('two sticks are checked by one press and remembered; their reports and labels come later', async ({
  start,
  folder,
}) => {
  const stage = new ScenarioFile(folder, {
    drives: [GOOD, BAD],
    checks: {
      [GOOD.identity.path]: playedCheck(true, 'drive'),
      [BAD.identity.path]: playedCheck(false, 'drive'),
    },
  });
  await stage.play();
  const { page, ask } = await start(stage.options);
  const press = (name: string): Promise<void> =>
    page.getByRole('button', { name, exact: true }).click();

  await press('Check a stick');
  // Nothing is chosen by itself.
  await expect(page.getByRole('button', { name: 'Check', exact: true })).toBeDisabled();
  for (const drive of [GOOD, BAD])
    await page.locator('.stick', { hasText: driveName(drive) }).click();
  await press('Check 2');

  // One line for both takes the focus; each has its own result, and was ejected.
  const summary = page.getByRole('heading', { name: '1 of 2 are complete' });
  await expect(summary).toBeFocused();
  const results = page.locator('.check-results > li');
  await expect(results.nth(0)).toContainText('Complete: ready for the vehicle');
  await expect(results.nth(1)).toContainText('Do not use this stick; write it again');
  await expect(results.nth(1)).toContainText('its SHA-256 differs');
  await expect(page.getByText('Ejected: safe to unplug')).toHaveCount(2);
  await expect(page.getByText(en.t('done.format'))).toBeVisible();
  const report = path.join(folder, 'report.txt');
  await ask('answerDialogs', [[report]]);
  await press('Save report…');
  await expect(page.getByText(/^Saved as .*report\.txt$/u)).toBeVisible();
  const text = await readFile(report, 'utf8');
  expect(text).toContain('Kingston DataTraveler');
  expect(text).toContain('its SHA-256 differs');

  // What this job left, then all; the search finds the serial in any width and case.
  await press('Report and labels…');
  await expect(page.locator('.history-entry')).toHaveCount(2);
  await press('Show all');
  await page.getByRole('searchbox', { name: 'Search the history' }).fill('Ｆ９ｆ０');
  await expect(page.locator('.history-entry')).toHaveCount(1);
  await expect(page.locator('.history-entry')).toContainText('do not use');
  await page.getByRole('searchbox').fill('autoware');
  await page.getByText('With problems', { exact: true }).click();
  await expect(page.getByText('1 entry')).toBeVisible();
  const table = path.join(folder, 'found.csv');
  await ask('answerDialogs', [[table]]);
  await press('Save as CSV…');
  await expect(page.getByText(/^Saved as .*found\.csv$/u)).toBeVisible();
  const rows = (await readFile(table, 'utf8')).trim().split('\r\n');
  expect(rows).toHaveLength(2);
  expect(rows[1]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,[+-]\d\d:\d\d,Checked,/u);
  expect(rows[1]).toContain('E0D55EA5F9F0,2-1.2,do not use,2,');

  // The report of the good stick, and its label: what is printed is that alone.
  await page.getByText('All', { exact: true }).click();
  await page.getByRole('searchbox').fill('9f02');
  await page.getByRole('button', { name: /^Report of/u }).click();
  await expect(page.getByRole('heading', { name: 'Report', exact: true })).toBeFocused();
  await expect(page.getByRole('heading', { name: 'Checked: complete' })).toBeVisible();
  await expect(page.locator('.record-report')).toContainText('OTA Signing 2026');
  await page.evaluate(() => {
    window.print = () => {
      document.title = `printed ${document.documentElement.dataset['print'] ?? 'nothing'}`;
    };
  });
  for (const [button, part, other] of [
    ['Print the label…', '.label', '.record-report'],
    ['Print, or save as PDF…', '.record-report', '.label'],
  ] as const) {
    await page.getByRole('button', { name: button }).click();
    await expect(page).toHaveTitle(/^printed (labels|report)$/u);
    await page.emulateMedia({ media: 'print' });
    await expect(page.locator(part)).toBeVisible();
    await expect(page.locator(other)).toBeHidden();
    await expect(page.getByRole('banner')).toBeHidden();
    await page.emulateMedia({ media: null });
    await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  }
  await press('Back to the history');
  await expect(page.getByRole('heading', { name: 'History' })).toBeFocused();
});
