import path from 'node:path';
import { writeFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { translator } from '../src/shared/messages/index.ts';
import { holdToErase } from './support/hold.ts';
import { named, ScenarioFile, stick } from './support/scenario-file.ts';
import { expect, test, type Start } from './support/test.ts';
import type { AppStart, Bridge } from '../src/shared/ipc.ts';
import type { RunningApp } from './support/launch.ts';
import type { Scenario } from './host/scenario.ts';

/** The flow with a played engine: what the window does in situations that real drives rarely make. */

const IMAGES = ['autoware_image.tgz', 'perception_image.tgz'];
const en = translator('en');
/** How long the erase button is held: src/renderer/write/hold-button.tsx. */
const HOLD_MILLISECONDS = 2000;
const UNPLUGGED = { code: 'drive-unplugged', params: { drive: 'SanDisk Ultra' } } as const;

async function dropImages(app: RunningApp, folder: string, names = IMAGES): Promise<void> {
  const files = names.map((name) => path.join(folder, name));
  for (const file of files) await writeFile(file, '');
  await app.drop('.step[data-step=images]', files);
}

async function readyWithStick(app: RunningApp, folder: string): Promise<void> {
  await dropImages(app, folder);
  await expect(app.page.getByText('Contents OK', { exact: true })).toHaveCount(2);
  await app.page.getByText('SanDisk Ultra').click();
}

/** The app in the middle of writing a stick, and what is played to it. */
async function writing(start: Start, folder: string, job: NonNullable<Scenario['job']>) {
  const stage = new ScenarioFile(folder, { drives: [stick('b')], job });
  await stage.play();
  const app = await start(stage.options);
  await readyWithStick(app, folder);
  await eraseButton(app.page).click();
  await holdToErase(app.page, en);
  return { app, stage };
}

const eraseButton = (page: Page) => page.getByRole('button', { name: 'Erase and write…' });

test('four actions to a verified stick: drop, choose, confirm, unplug', async ({
  start,
  folder,
}) => {
  const stage = new ScenarioFile(folder, { drives: [stick('b')] });
  await stage.play();
  const app = await start(stage.options);
  const { page, ask } = app;
  await dropImages(app, folder);
  await expect(page.getByText('Contents OK', { exact: true })).toHaveCount(2);

  await expect(page.getByRole('checkbox')).not.toBeChecked();
  await expect(eraseButton(page)).toBeDisabled();
  await page.getByText('SanDisk Ultra').click();
  await eraseButton(page).click();

  const dialog = page.getByRole('alertdialog');
  await expect(dialog).toContainText('Erase everything on SanDisk Ultra?');
  await expect(dialog).toContainText('64 GB');
  await expect(dialog).toContainText('…9F02');
  await expect(dialog).toContainText('MY STICK');
  await expect(dialog).toContainText('perception');
  await holdToErase(page, en);

  const headline = page.getByText('Verified and ejected. It is safe to unplug.');
  await expect(headline).toBeVisible();
  await expect(page.getByText('If Windows offers to format it, press Cancel')).toBeVisible();
  const { notifications, sleepBlocked, progressBar } = await ask('seen');
  expect(notifications.map(({ body }) => body)).toEqual([
    'SanDisk Ultra is written and verified. It is safe to unplug.',
  ]);
  expect(sleepBlocked).toBe(false);
  expect(progressBar).toBe(-1);

  await page.getByRole('button', { name: 'More sticks' }).click();
  await expect(page.getByRole('checkbox')).not.toBeChecked();
  await expect(eraseButton(page)).toBeDisabled();
  await expect(page.locator('.image-rows > li')).toHaveCount(2);
  await page.getByRole('button', { name: 'History' }).click();
  await expect(page.locator('.history-entry')).toContainText('verified');
});

test('letting go early erases nothing', async ({ start, folder }) => {
  const stage = new ScenarioFile(folder, { drives: [stick('b')] });
  await stage.play();
  const app = await start(stage.options);
  const { page } = app;
  await readyWithStick(app, folder);
  await eraseButton(page).click();
  const hold = page.getByRole('button', { name: 'Hold 2 s to erase and write' });
  // By a clock of the test, so that a slow machine does not hold longer than is meant.
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 60_000);
  await hold.hover();
  for (const letGo of [() => page.mouse.up(), () => page.mouse.move(0, 0)]) {
    await page.mouse.down();
    await page.clock.runFor(HOLD_MILLISECONDS - 100);
    await letGo();
    await page.clock.runFor(HOLD_MILLISECONDS);
  }
  await page.mouse.up();
  await expect(page.getByRole('alertdialog')).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(eraseButton(page)).toBeEnabled();
});

test('a large drive is erased only after its model was typed', async ({ start, folder }) => {
  const stage = new ScenarioFile(folder, { drives: [stick('b', { size: 1e12 })] });
  await stage.play();
  const app = await start(stage.options);
  const { page } = app;
  await readyWithStick(app, folder);
  await eraseButton(page).click();
  const hold = page.getByRole('button', { name: 'Hold 2 s to erase and write' });
  await expect(hold).toBeDisabled();
  const field = page.getByRole('alertdialog').getByRole('textbox');
  await field.fill('SanDisk Ul');
  await expect(hold).toBeDisabled();
  // As a person types it: full width, in other case, with a space too many.
  await field.fill(' ＳａｎＤｉｓｋ  ultra');
  await expect(hold).toBeEnabled();
});

test('drives come and go; pulling the chosen one clears the choice', async ({ start, folder }) => {
  const first = stick('b');
  const second = named(stick('c'), 'Kingston', 'DT 32', 'K1');
  const stage = new ScenarioFile(folder, { drives: [] });
  await stage.play();
  const app = await start(stage.options);
  const { page } = app;
  await dropImages(app, folder);
  await expect(page.getByText('Plug in a USB stick')).toBeVisible();
  await stage.play({ drives: [first, second] });
  await expect(page.getByRole('checkbox')).toHaveCount(2);
  await page.getByText('SanDisk Ultra').click();
  await eraseButton(page).click();
  await stage.play({ drives: [second] });
  await expect(page.getByRole('alertdialog')).toBeHidden();
  await expect(page.getByText('SanDisk Ultra was unplugged. Plug it in again')).toBeVisible();
  // The same stick, plugged again, is another generation and not chosen by itself.
  const again = { ...first, identity: { ...first.identity, generation: 'later' } };
  await stage.play({ drives: [again, second] });
  await expect(page.getByRole('checkbox')).toHaveCount(2);
  expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(0);
  // It is back: that it was unplugged is no longer so.
  await expect(page.getByText('was unplugged')).toHaveCount(0);
});

test('drives that cannot be used say why', async ({ start, folder }) => {
  const system = {
    ...named(stick('a'), 'Samsung', 'SSD', 'S1'),
    kind: 'fixed' as const,
    system: true,
  };
  const locked = { ...named(stick('d'), 'Lexar', 'Locked', 'L1'), readOnly: true };
  const stage = new ScenarioFile(folder, { drives: [system, locked, stick('b', { size: 1e6 })] });
  await stage.play();
  const app = await start(stage.options);
  const { page } = app;
  await dropImages(app, folder);
  await expect(page.getByText('3 drives hidden: why?')).toBeVisible();
  await expect(page.getByRole('checkbox')).toHaveCount(0);
  await page.getByText('3 drives hidden: why?').click();
  const reasons = page.getByRole('list', { name: 'Drives that cannot be chosen' });
  for (const code of ['drive-is-system', 'drive-read-only'] as const) {
    const drive = code === 'drive-is-system' ? 'Samsung SSD' : 'Lexar Locked';
    await expect(reasons).toContainText(en.error({ code, params: { drive } }).what);
  }
});

const STOPS = [
  // The last is what the taskbar shows of the whole job, of which reading back is the second half; 2: no measure.
  ['inspect', false, 2],
  ['check', false, 2],
  ['prepare', true, 0],
  ['write', true, 0.25],
  ['flush', true, 0.5],
  ['verify', true, 0.75],
] as const;

for (const [phase, touched, shown] of STOPS) {
  test(`stopping in the phase “${phase}” says what state the stick is in`, async ({
    start,
    folder,
  }) => {
    const { app } = await writing(start, folder, { stopAt: { phase, fraction: 0.5 } });
    const { page, ask } = app;
    await expect(page.locator('[aria-current=step]')).toHaveText(en.t(`phase.${phase}`));
    const { sleepBlocked, progressBar } = await ask('seen');
    expect(sleepBlocked).toBe(true);
    expect(progressBar).toBe(shown);
    const state = touched
      ? 'Do not use this stick; write it again.'
      : 'Nothing on the stick was changed.';
    await page.getByRole('button', { name: 'Stop…' }).click();
    await expect(page.getByRole('alertdialog')).toContainText(
      touched ? 'must be written again' : state,
    );
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'Stopped' })).toBeVisible();
    await expect(page.getByText(state)).toBeVisible();
    expect((await ask('seen')).sleepBlocked).toBe(false);
    await page.getByRole('button', { name: 'Back to the images' }).click();
    await expect(page.getByRole('checkbox')).not.toBeChecked();
  });
}

for (const phase of ['commit', 'eject'] as const) {
  test(`in the phase “${phase}” the stick is complete, and nothing stops it`, async ({
    start,
    folder,
  }) => {
    const { app } = await writing(start, folder, { stopAt: { phase, fraction: 0 } });
    const { page } = app;
    await expect(page.locator('[aria-current=step]')).toHaveText(en.t(`phase.${phase}`));
    await expect(page.getByRole('button', { name: 'Stop…' })).toBeDisabled();
    // The page says no more than what main does: a command that it sends all the same is too late.
    await page.evaluate(async () => {
      const { ota } = window as unknown as { ota: Bridge };
      const start = await ota.invoke('app.start', undefined);
      const { jobs } = (start as { ok: AppStart }).ok;
      await ota.invoke('job.cancel', { id: jobs.build?.id });
    });
    await expect(page.locator('[aria-current=step]')).toHaveText(en.t(`phase.${phase}`));
  });
}

test('closing while writing asks; staying goes on, closing stops', async ({ start, folder }) => {
  const { app } = await writing(start, folder, { stopAt: { phase: 'write', fraction: 0.5 } });
  const { page, ask } = app;
  // What is dropped now is not taken in silence.
  await dropImages(app, folder, ['third_image.tgz']);
  await expect(page.getByText('A job is running. Add images')).toBeVisible();
  await expect(page.locator('.image-rows > li')).toHaveCount(2);
  await ask('minimize');
  await ask('closeWindow');
  expect((await ask('seen')).minimized).toBe(false);
  await expect(page.getByRole('alertdialog')).toContainText('must be written again');
  await page.getByRole('button', { name: 'Keep going' }).click();
  await expect(page.locator('.progress-percent')).toHaveText(/25/u);
  await ask('closeWindow');
  // The window may go in the middle of the click.
  const leave = page.getByRole('button', { name: 'Stop and close' });
  await Promise.all([app.exited, leave.click().catch(() => undefined)]);
  expect(await app.exited).toBe(0);
});

for (const [title, job, shown] of [
  [
    'the label cannot be written',
    { error: UNPLUGGED, errorIn: 'commit' },
    'The stick was not made',
  ],
  ['the stick stays on', { notEjected: true }, 'Verified. Eject it before you unplug it.'],
] as const) {
  test(`a window that closes when it is done stays where ${title}`, async ({ start, folder }) => {
    const { app, stage } = await writing(start, folder, {
      ...job,
      stopAt: { phase: 'commit', fraction: 0 },
    });
    const { page, ask } = app;
    await expect(page.locator('[aria-current=step]')).toHaveText(en.t('phase.commit'));
    await ask('closeWindow');
    const question = page.getByRole('alertdialog');
    await question.getByRole('button', { name: 'Close then' }).click();
    await expect(question.getByRole('button', { name: 'Keep going' })).toBeDisabled();
    await stage.play({ job });
    await expect(page.getByRole('heading', { name: shown })).toBeVisible();
    await expect(question).toHaveCount(0);
    await ask('closeWindow');
    expect(await app.exited).toBe(0);
  });
}

test('a window that closes when it is done does so', async ({ start, folder }) => {
  const { app, stage } = await writing(start, folder, { stopAt: { phase: 'eject', fraction: 0 } });
  await expect(app.page.locator('[aria-current=step]')).toHaveText(en.t('phase.eject'));
  await app.ask('closeWindow');
  await app.page.getByRole('button', { name: 'Close then' }).click();
  await stage.play({ job: {} });
  expect(await app.exited).toBe(0);
});

test('a crashed window comes back and shows the running job', async ({ start, folder }) => {
  const { app } = await writing(start, folder, { stopAt: { phase: 'verify', fraction: 0.5 } });
  await expect(app.page.locator('.progress-percent')).toHaveText(/75/u);
  const session = await app.page.context().newCDPSession(app.page);
  // The answer never comes: the page is gone.
  void session.send('Page.crash').catch(() => undefined);
  await app.page.waitForEvent('crash');
  await expect.poll(async () => (await app.currentPage()) !== app.page).toBe(true);
  const page = await app.currentPage();
  await expect(page.locator('.progress-percent')).toHaveText(/75/u);
  await expect(page.locator('[aria-current=step]')).toHaveText('Verifying');
});

test('keyboard only, with the space bar held', async ({ start, folder }) => {
  const stage = new ScenarioFile(folder, { drives: [stick('b')] });
  await stage.play();
  const app = await start(stage.options);
  const { page, ask } = app;
  const files = IMAGES.map((name) => path.join(folder, name));
  await ask('answerDialogs', [files]);
  const focusOn = async (name: string): Promise<void> => {
    for (let presses = 0; presses < 40; presses += 1) {
      const focused = page.locator('button:focus', { hasText: name });
      if ((await focused.count()) > 0) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`no way to ${name} by keyboard`);
  };
  await focusOn('Choose files…');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Contents OK', { exact: true })).toHaveCount(2);
  // Up to the checkboxes: their text is beside them.
  for (let presses = 0; presses < 40; presses += 1) {
    if ((await page.locator('input[type=checkbox]:focus').count()) > 0) break;
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Space');
  await expect(page.getByRole('checkbox')).toBeChecked();
  await focusOn('Erase and write…');
  await page.keyboard.press('Enter');
  await focusOn('Hold 2 s to erase and write');
  await page.keyboard.down(' ');
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
  await page.keyboard.up(' ');
  await expect(page.getByRole('heading', { name: 'It is safe to unplug.' })).toBeVisible();
});

for (const [title, way] of [
  ['who asks for it', async (page: Page) => page.getByText('Confirm without holding').click()],
  [
    'whose screen reader clicks',
    (page: Page) =>
      page
        .getByRole('button', { name: 'Hold 2 s to erase and write' })
        .evaluate((button) => (button as HTMLButtonElement).click()),
  ],
  [
    'whose screen reader the system tells of',
    (page: Page) => page.getByRole('button', { name: 'Erase and write', exact: true }).click(),
  ],
  [
    'who wants less motion',
    (page: Page) => page.getByRole('button', { name: 'Erase and write', exact: true }).click(),
  ],
] as const) {
  test(`a second plain confirmation takes the place of holding for a person ${title}`, async ({
    start,
    folder,
  }) => {
    const stage = new ScenarioFile(folder, { drives: [stick('b')] });
    await stage.play();
    const { env } = stage.options;
    const isTold = title === 'whose screen reader the system tells of';
    const reader = isTold ? { OTA_HOST_SCREEN_READER: '1' } : {};
    const app = await start({ ...stage.options, env: { ...env, ...reader } });
    const { page } = app;
    if (title === 'who wants less motion') await page.emulateMedia({ reducedMotion: 'reduce' });
    await readyWithStick(app, folder);
    await eraseButton(page).click();
    const dialog = page.getByRole('alertdialog');
    await way(page);
    const question = dialog.getByText('Confirm once more');
    await expect(question).toBeFocused();
    await dialog.getByRole('button', { name: 'No, go back' }).click();
    await expect(question).toHaveCount(0);
    await way(page);
    await dialog.getByRole('button', { name: 'Yes, erase and write' }).click();
    await expect(page.getByRole('heading', { name: 'It is safe to unplug.' })).toBeVisible();
  });
}

test('in Japanese from start to end', async ({ start, folder }) => {
  const ja = translator('ja');
  const stage = new ScenarioFile(folder, { drives: [stick('b')] });
  await stage.play();
  const app = await start({ ...stage.options, locale: 'ja-JP' });
  const { page } = app;
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
  await dropImages(app, folder);
  await expect(page.getByText(ja.t('images.ready'), { exact: true })).toHaveCount(2);
  await page.getByText('SanDisk Ultra').click();
  await page.getByRole('button', { name: ja.t('write.start.drive') }).click();
  await expect(page.getByText(ja.t('confirm.body'))).toBeVisible();
  await holdToErase(page, ja);
  await expect(page.getByText(ja.t('done.drive'))).toBeVisible();
});

test('a second start and the system hand over their files', async ({ start, folder }) => {
  const stage = new ScenarioFile(folder, { drives: [] });
  await stage.play();
  const names = ['one_image.tgz', 'two_image.tgz', 'three_image.tgz'];
  for (const name of names) await writeFile(path.join(folder, name), '');
  const app = await start({ ...stage.options, args: [path.join(folder, 'one_image.tgz')] });
  const rows = app.page.locator('.image-rows > li');
  await expect(rows).toHaveCount(1);
  await app.ask('secondInstance', ['two_image.tgz'], folder);
  await expect(rows).toHaveCount(2);
  await app.ask('openFile', path.join(folder, 'three_image.tgz'));
  await expect(rows).toHaveCount(3);
});
