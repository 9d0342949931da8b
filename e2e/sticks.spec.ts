import path from 'node:path';
import { writeFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { translator } from '../src/shared/messages/index.ts';
import { driveName } from '../src/shared/model/drive.ts';
import { ActionCount } from './support/count-actions.ts';
import { holdToErase } from './support/hold.ts';
import { HELD_OLD, SIXTEEN, TWENTY_ECUS } from './support/many.ts';
import { playedCheck } from './support/scenes/records.ts';
import { ScenarioFile, stick } from './support/scenario-file.ts';
import { expect, test } from './support/test.ts';

/** The second edition of the flow, as a person uses it: many sticks, the keyboard, and what is said. */

const en = translator('en');
const HOLD = 'Hold 2 s to erase and write';

async function files(folder: string, ...names: readonly string[]): Promise<string[]> {
  const paths = names.map((name) => path.join(folder, name));
  for (const file of paths) await writeFile(file, '');
  return paths;
}

const checked = (page: Page): Locator => page.getByText(en.t('images.ready'), { exact: true });

test('sixteen sticks and twenty ECUs are confirmed with warning and button in sight', async ({
  start,
  folder,
}) => {
  const locked = { ...stick('z', { readOnly: true, port: '3-1' }) };
  const stage = new ScenarioFile(folder, {
    ...{ drives: [...SIXTEEN, locked], held: { '/dev/sdb': HELD_OLD } },
    images: { 'vehicle.zip': TWENTY_ECUS },
  });
  await stage.play();
  const { page, drop } = await start(stage.options);
  await drop('.step[data-step=images]', await files(folder, 'vehicle.zip'));
  await expect(checked(page)).toBeVisible();

  // What is on each; two equal sticks without serials are told apart by their sockets.
  const sticks = page.locator('.stick');
  await expect(sticks).toHaveCount(16);
  await expect(sticks.first()).toContainText('autoware ver_20250704');
  await expect(sticks.first()).toContainText('differs from this set');
  await expect(sticks.nth(1)).toContainText('no volume name');
  await expect(sticks.nth(2)).toContainText('volume name now: “BACKUP”');
  await expect(page.locator('.drive-place[data-decides]')).toHaveText([
    'no serialUSB port 1-1.4',
    'no serialUSB port 1-1.8',
  ]);

  // All that can be written, and no other one; none was chosen before.
  await expect(page.getByRole('checkbox', { name: /SanDisk|Buffalo/u, checked: true })).toHaveCount(
    0,
  );
  await page.locator('.sticks input[type=checkbox]').first().focus();
  await page.keyboard.press('Control+a');
  await expect(page.locator('.stick[data-selected]')).toHaveCount(16);
  await page.getByRole('button', { name: 'Erase and write 16 sticks…' }).click();

  const dialog = page.getByRole('alertdialog');
  await expect(dialog).toHaveAccessibleName('Erase everything on 16 sticks?');
  await expect(dialog).toHaveAccessibleDescription(en.t('confirm.body.several'));
  const rows = dialog.locator('.confirm-drive');
  for (const [i, drive] of SIXTEEN.entries()) {
    await expect(rows.nth(i)).toContainText(driveName(drive));
    await expect(rows.nth(i)).toContainText(drive.identity.serial?.slice(-4) ?? 'no serial');
    await expect(rows.nth(i)).toContainText(`USB port ${drive.port ?? ''}`);
  }
  await expect(rows.first()).toContainText('perception ver_20250704');
  const ecus = dialog.locator('.confirm-image');
  await expect(ecus).toHaveCount(20);
  await expect(ecus.first()).toHaveText('ecu_01 1.1.0production');
  await expect(ecus.last()).toHaveText('ecu_20 1.20.0development');
  await expect(dialog.getByText(en.t('confirm.mixed-keys'))).toBeVisible();
  await expect(dialog.getByText(en.t('confirm.all-new'))).toBeVisible();
  for (const [width, height] of [
    [900, 620],
    [720, 520],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const seen of [dialog.getByText(en.t('confirm.body.several')), page.getByText(HOLD)])
      await expect(seen).toBeInViewport({ ratio: 1 });
    await rows.last().scrollIntoViewIfNeeded();
    await expect(page.getByText(HOLD)).toBeInViewport({ ratio: 1 });
  }
  await page.keyboard.press('Escape');

  // One can no longer be written: it says so in its place, and nothing is erased by mistake.
  const drives = SIXTEEN.map((drive, i) => (i === 2 ? { ...drive, readOnly: true } : drive));
  await stage.play({ drives });
  await expect(page.getByText(en.t('write.need.fit'))).toBeVisible();
  await expect(sticks).toHaveCount(16);
  const refused = page.locator('.stick[data-refused]');
  const reason = { code: 'drive-read-only', params: { drive: 'Transcend JetFlash' } } as const;
  await expect(refused).toContainText(en.error(reason).what);
  await expect(page.getByRole('button', { name: /^Erase and write/u })).toBeDisabled();
  await refused.click();
  await expect(page.getByRole('button', { name: 'Erase and write 15 sticks…' })).toBeEnabled();
});

test('the failed ones of several sticks are written again; an end is told on every screen', async ({
  start,
  folder,
}) => {
  const five = SIXTEEN.slice(0, 5);
  const lost = [five[1], five[3]].flatMap((drive) => drive ?? []);
  const pulled = { paths: lost.map(({ identity }) => identity.path), phase: 'write' } as const;
  const stopAt = { phase: 'verify', fraction: 0.5 } as const;
  const stage = new ScenarioFile(folder, { drives: five, job: { pulled, stopAt } });
  await stage.play();
  const { page, drop, ask } = await start(stage.options);
  await drop('.step[data-step=images]', await files(folder, 'autoware_image.tgz'));
  await expect(checked(page)).toBeVisible();
  await page.getByRole('button', { name: 'Choose all 5' }).click();
  await page.getByRole('button', { name: 'Erase and write 5 sticks…' }).click();
  await holdToErase(page, en);
  await expect(page.locator('.progress-percent')).toHaveText(/75/u);
  await page.getByRole('button', { name: 'Settings' }).click();
  await stage.play({ job: { pulled } });
  const bar = page.locator('.notice', { hasText: '3 of 5 sticks are written and verified.' });
  await expect(bar).toBeVisible();
  const { notifications } = await ask('seen');
  expect(notifications.at(-1)?.body).toBe('3 of 5 sticks are written and verified.');
  await bar.getByRole('button', { name: 'Show the result' }).click();

  // Neither another image nor another screen takes the result away.
  await drop('.step[data-step=images]', await files(folder, 'perception_image.tgz'));
  await expect(checked(page)).toHaveCount(2);
  const headline = page.getByRole('heading', { name: '3 of 5 sticks are complete' });
  await expect(headline).toBeVisible();
  await expect(page.getByText(en.t('done.format'))).toBeVisible();
  await stage.play({ job: {} });
  await page.getByRole('button', { name: 'Write the failed ones again' }).click();
  const dialog = page.getByRole('alertdialog');
  await expect(dialog.locator('.confirm-drive')).toHaveCount(2);
  for (const [i, drive] of lost.entries())
    await expect(dialog.locator('.confirm-drive').nth(i)).toContainText(driveName(drive));
  await holdToErase(page, en);
  await expect(page.getByRole('heading', { name: /^All 2 sticks verified/u })).toBeVisible();
  await expect(page.getByText('sticks 4 to 5 today')).toBeVisible();
  await page.getByRole('button', { name: 'Report and labels…' }).click();
  await expect(page.getByRole('heading', { name: 'Report', exact: true })).toBeFocused();
  await expect(page.locator('.label')).toHaveCount(2);
});

test('the whole flow by the keyboard: the focus is where the next thing is, and all is said', async ({
  start,
  folder,
}) => {
  const stage = new ScenarioFile(folder, { drives: [stick('b')] });
  await stage.play();
  const { page, ask } = await start(stage.options);
  await page.evaluate(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    const announcer = document.querySelector('[data-announcer]');
    if (announcer === null) throw new Error('nothing announces');
    const note = (): unknown => said.push(announcer.textContent);
    new MutationObserver(note).observe(announcer, {
      ...{ childList: true, subtree: true, characterData: true },
    });
  });
  const tabTo = async (target: Locator): Promise<void> => {
    for (let presses = 0; presses < 30; presses += 1) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    await expect(target).toBeFocused();
  };
  const heading = (name: string): Locator => page.getByRole('heading', { name, level: 2 });
  await ask('answerDialogs', [await files(folder, 'autoware_image.tgz')]);
  await tabTo(heading('Images'));
  await tabTo(page.getByRole('button', { name: 'Choose files…' }));
  await page.keyboard.press('Enter');
  await expect(checked(page)).toBeVisible();
  await expect(page.locator('body')).not.toBeFocused();

  await tabTo(heading('Sticks'));
  await tabTo(page.getByRole('checkbox', { name: /SanDisk Ultra/u }));
  await page.keyboard.press('Space');
  await expect(page.getByRole('checkbox', { name: /SanDisk Ultra/u })).toBeFocused();
  await tabTo(heading('Write'));
  await tabTo(page.getByRole('button', { name: 'Erase and write…' }));
  await page.keyboard.press('Enter');
  await expect(page.locator('.confirm-image')).toContainText(en.t('images.ecu.guess.short'));
  await tabTo(page.getByRole('button', { name: HOLD }));
  await page.keyboard.down(' ');
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
  await page.keyboard.up(' ');

  const title = page.getByRole('heading', { name: 'Verified and ejected. It is safe to unplug.' });
  await expect(title).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'More sticks' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(heading('Sticks')).toBeFocused();
  await tabTo(page.getByRole('button', { name: 'Show the result' }));
  await page.keyboard.press('Enter');
  await expect(title).toBeFocused();

  const said = await page.evaluate(() => (window as unknown as { said: string[] }).said);
  const marks = [
    en.t('announce.ready', { count: 1 }),
    ...([0.25, 0.75] as const).map((part, i) =>
      en.t('announce.running', {
        phase: en.t(i === 0 ? 'phase.write' : 'phase.verify'),
        percent: en.format.percent(part),
      }),
    ),
    en.t('notify.verified', { name: 'SanDisk Ultra' }),
  ];
  expect(said.filter((text) => marks.includes(text)).slice(0, marks.length)).toEqual(marks);
});

test('the actions of each task are as few as they should be', async ({ start, folder }) => {
  const stage = new ScenarioFile(folder, { drives: [stick('b')], check: playedCheck(true) });
  await stage.play();
  const { page, drop } = await start(stage.options);
  const count = await ActionCount.begin(page);
  const safe = page.getByRole('heading', { name: /safe to unplug/u });

  // The first stick: 4. The password is asked for by the system.
  await drop('.step[data-step=images]', await files(folder, 'autoware_image.tgz'));
  await expect(checked(page)).toBeVisible();
  await page.locator('.stick').click();
  await page.getByRole('button', { name: 'Erase and write…' }).click();
  await holdToErase(page, en);
  await expect(safe).toBeVisible();
  count.unplug();
  expect(await count.take()).toEqual(['drop', 'press', 'confirm', 'unplug']);

  // Three more, as soon as they are plugged in: 2, and they are pulled out.
  const three = SIXTEEN.slice(0, 3);
  await stage.play({ drives: three });
  await page.getByRole('button', { name: 'Choose all 3' }).click();
  await page.getByRole('button', { name: 'Erase and write 3 sticks…' }).click();
  await holdToErase(page, en);
  await expect(page.getByRole('heading', { name: /All 3 sticks verified/u })).toBeVisible();
  for (const drive of three) if (drive.identity.size > 0) count.unplug();
  expect(await count.take()).toEqual(['press', 'confirm', 'unplug', 'unplug', 'unplug']);

  // A newer version of the image, for the stick that is chosen: 3.
  await stage.play({ drives: [stick('b')] });
  await expect(page.locator('.stick')).toHaveCount(1);
  await page.locator('.stick').click();
  await count.take();
  await drop('.step[data-step=images]', await files(folder, 'autoware_v2_image.tgz'));
  await expect(checked(page)).toHaveCount(1);
  await page.getByRole('button', { name: 'Erase and write…' }).click();
  await holdToErase(page, en);
  await expect(safe).toBeVisible();
  count.unplug();
  expect(await count.take()).toEqual(['drop', 'confirm', 'unplug']);

  // A check: 3. The stick is ejected by itself.
  await stage.play({ drives: [stick('b')] });
  await expect(page.locator('.stick')).toHaveCount(1);
  await page.getByRole('button', { name: en.t('nav.check'), exact: true }).click();
  await page.locator('.stick').click();
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await expect(page.getByRole('heading', { name: en.t('check.complete') })).toBeVisible();
  expect(await count.take()).toEqual(['press', 'press', 'press']);
});
