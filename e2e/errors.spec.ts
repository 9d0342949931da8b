import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, open, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '@playwright/test';
import type { ErrorData } from '../src/shared/errors.ts';
import { translator } from '../src/shared/messages/index.ts';
import type { Drive } from '../src/shared/model/drive.ts';
import type { Manifest } from '../src/shared/model/manifest.ts';
import type { Phase } from '../src/shared/model/progress.ts';
import type { RunningApp } from './support/launch.ts';
import { holdToErase } from './support/hold.ts';
import { playedCheck } from './support/scenes/records.ts';
import { ScenarioFile, stick } from './support/scenario-file.ts';
import { expect, sample, sampleV1, test } from './support/test.ts';

const en = translator('en');
const DRIVE = 'SanDisk Ultra';

const UNTOUCHED = 'Nothing on the stick was changed.';
const TOUCHED = 'Do not use this stick; write it again.';

/** The one button that helps. */
const [AGAIN, ANOTHER, IMAGES] = [
  'Write it again',
  'Choose another stick',
  'Read the images again',
];

/** What can go wrong on the way to a stick, where, what that leaves of the stick, and what helps. */
const FAILURES: readonly (readonly [ErrorData, Phase, string, string])[] = [
  [{ code: 'input-changed', params: { file: 'autoware_image.tgz' } }, 'inspect', UNTOUCHED, IMAGES],
  [{ code: 'blob-corrupt', params: { file: 'x.tgz', name: 'ab12' } }, 'check', UNTOUCHED, IMAGES],
  [{ code: 'elevation-cancelled', params: {} }, 'check', UNTOUCHED, AGAIN],
  [{ code: 'elevation-missing', params: { what: 'agent' } }, 'check', UNTOUCHED, AGAIN],
  [{ code: 'drive-changed', params: { drive: DRIVE } }, 'check', UNTOUCHED, AGAIN],
  [{ code: 'drive-busy', params: { drive: DRIVE, user: '' } }, 'check', UNTOUCHED, AGAIN],
  [{ code: 'drive-unplugged', params: { drive: DRIVE } }, 'write', TOUCHED, AGAIN],
  [
    { code: 'drive-counterfeit', params: { drive: DRIVE, size: 64e9, holds: 8e9 } },
    'write',
    TOUCHED,
    ANOTHER,
  ],
  [
    { code: 'drive-write-failed', params: { drive: DRIVE, offset: 4096, reason: 'EIO' } },
    'flush',
    TOUCHED,
    ANOTHER,
  ],
  [{ code: 'drive-forgets', params: { drive: DRIVE, offset: 4096 } }, 'verify', TOUCHED, ANOTHER],
  [
    { code: 'verify-failed', params: { target: DRIVE, faults: 2, first: 'data/ab' } },
    'verify',
    TOUCHED,
    ANOTHER,
  ],
  [{ code: 'writer-lost', params: { drive: DRIVE } }, 'commit', TOUCHED, AGAIN],
];

test('whatever fails says what happened, what state the stick is in and what to do', async ({
  start,
  folder,
}) => {
  test.setTimeout(180_000);
  const stage = new ScenarioFile(folder, { drives: [stick('b')] });
  await stage.play();
  const app = await start(stage.options);
  const { page, ask } = app;
  const image = path.join(folder, 'autoware_image.tgz');
  await writeFile(image, '');
  await app.drop('.step[data-step=images]', [image]);
  await expect(page.getByText('Contents OK', { exact: true })).toBeVisible();
  for (const [error, errorIn, state, remedy] of FAILURES) {
    await stage.play({ job: { error, errorIn } });
    await page.locator('.stick').click();
    await page.getByRole('button', { name: 'Erase and write…' }).click();
    await holdToErase(page, en);
    const { what, next } = en.error(error);
    const step = page.locator('[data-step=write]');
    await expect(step.getByText(what, { exact: true }), error.code).toBeVisible();
    await expect(step.getByText(next, { exact: true }), error.code).toBeVisible();
    await expect(step.getByRole('alert'), error.code).toContainText(what);
    await expect(step.getByText(state, { exact: true }), error.code).toBeVisible();
    await expect(step.getByText('If Windows offers to format it'), error.code).toBeVisible();
    expect((await ask('seen')).sleepBlocked).toBe(false);
    await step.getByRole('button', { name: remedy }).click();
    if (remedy === AGAIN) {
      // It is confirmed as ever.
      await expect(page.getByRole('alertdialog')).toContainText(DRIVE);
      await page.keyboard.press('Escape');
      await page.locator('.stick').click();
    }
    await expect(page.getByText('Contents OK', { exact: true }), error.code).toBeVisible();
    await expect(page.getByText('Choose a stick.')).toBeVisible();
  }
  await page.getByRole('button', { name: 'History' }).click();
  await expect(page.locator('.history-entry')).toHaveCount(FAILURES.length);
});

test('a file that was saved beside a stick that failed is not called lost', async ({
  start,
  folder,
}) => {
  const error = { code: 'drive-unplugged', params: { drive: DRIVE } } as const;
  const stage = new ScenarioFile(folder, {
    drives: [stick('b')],
    job: { error, errorIn: 'verify' },
  });
  await stage.play();
  const { page, ask, drop } = await start(stage.options);
  const image = path.join(folder, 'autoware_image.tgz');
  await writeFile(image, '');
  await drop('.step[data-step=images]', [image]);
  await ask('answerDialogs', [[path.join(folder, 'beside.tar')]]);
  await page.getByRole('button', { name: 'Save as a file…' }).click();
  await page.getByRole('menuitem', { name: 'A tar file…' }).click();
  await page.getByText(DRIVE).click();
  await page.getByRole('button', { name: 'Erase and write…' }).click();
  await holdToErase(page, en);
  await expect(page.getByText(TOUCHED)).toBeVisible();
  await expect(page.getByText('beside.tar was saved and can be used.')).toBeVisible();
});

async function writeStick(page: Page, drop: RunningApp['drop'], folder: string): Promise<void> {
  const image = path.join(folder, 'autoware_image.tgz');
  await writeFile(image, '');
  await drop('.step[data-step=images]', [image]);
  await page.getByText(DRIVE).click();
  await page.getByRole('button', { name: 'Erase and write…' }).click();
  await holdToErase(page, en);
}

test('a stick that could not be ejected says so, and is ejected on request', async ({
  start,
  folder,
}) => {
  const notice = { code: 'drive-eject-failed', params: { drive: DRIVE, reason: 'EBUSY' } } as const;
  const stage = new ScenarioFile(folder, {
    drives: [stick('b')],
    job: { notEjected: true, notice },
    ejectError: notice,
  });
  await stage.play();
  const { page, drop } = await start(stage.options);
  await writeStick(page, drop, folder);
  await expect(
    page.getByRole('heading', { name: 'Verified. Eject it before you unplug it.' }),
  ).toBeVisible();
  const step = page.locator('[data-step=write]');
  await expect(step.getByText(en.error(notice).what)).toBeVisible();
  await page.getByRole('button', { name: 'Eject', exact: true }).click();
  await expect(page.getByRole('status').getByText(en.error(notice).what)).toBeVisible();
  await stage.replace({ drives: [stick('b')] });
  await page.getByRole('button', { name: 'Eject', exact: true }).click();
  await expect(page.getByText('Verified and ejected. It is safe to unplug.')).toBeVisible();
  await page.reload();
  await expect(page.getByText('Verified and ejected. It is safe to unplug.')).toBeVisible();
});

test('a check of a stick leaves the result of the build and its buttons', async ({
  start,
  folder,
}) => {
  const stage = new ScenarioFile(folder, {
    drives: [stick('b')],
    job: { notEjected: true },
    check: playedCheck(true),
  });
  await stage.play();
  const { page, drop } = await start(stage.options);
  await writeStick(page, drop, folder);
  await expect(
    page.getByRole('heading', { name: 'Verified. Eject it before you unplug it.' }),
  ).toBeVisible();

  await page.getByRole('button', { name: 'Check a stick' }).click();
  await stage.play({ job: { stopAt: { phase: 'verify', fraction: 0.5 } } });
  await page.locator('.stick').click();
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await expect(page.locator('.progress-percent')).toHaveText(/50/u);
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  // It is being read: this is no time to switch it off.
  await expect(
    page.getByRole('heading', { name: 'Verified. Eject it before you unplug it.' }),
  ).toBeVisible();
  await expect(page.getByRole('button', { name: 'Eject', exact: true })).toBeDisabled();
  await page.getByRole('button', { name: 'Back to the running job' }).click();
  await page.getByRole('button', { name: 'Stop…' }).click();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await stage.play({ job: {} });
  await page.getByRole('button', { name: 'Check others' }).click();
  await page.locator('.stick').click();
  // It is still needed for the build's own button.
  await page.locator('.switch').click();
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await expect(
    page.getByRole('heading', { name: 'Complete: ready for the vehicle' }),
  ).toBeVisible();

  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await page.getByRole('button', { name: 'Eject', exact: true }).click();
  await expect(page.getByText('Verified and ejected. It is safe to unplug.')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Report and labels…' })).toBeVisible();
  await page.getByRole('button', { name: 'Check a stick' }).click();
  await expect(
    page.getByRole('heading', { name: 'Complete: ready for the vehicle' }),
  ).toBeVisible();
});

test('files that cannot be listed are asked for again', async ({ start, folder }) => {
  const filesError = { code: 'internal', params: { detail: 'x' } } as const;
  const stage = new ScenarioFile(folder, { filesError });
  await stage.play();
  const { page, drop } = await start(stage.options);
  const image = path.join(folder, 'autoware_image.tgz');
  await writeFile(image, '');
  await drop('.step[data-step=images]', [image]);
  await page.getByRole('button', { name: 'Show contents' }).click();
  await expect(page.getByRole('alert')).toContainText(en.error(filesError).what);
  await expect(page.getByText('Loading…')).toHaveCount(0);
  // Still broken: said again, and no rows are made up.
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('alert')).toContainText(en.error(filesError).what);
  await expect(page.locator('.file-row')).toHaveCount(0);
  await stage.replace({});
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.locator('.file-row').first()).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

for (const [language, locale] of [
  ['en', 'en-US'],
  ['ja', 'ja-JP'],
] as const) {
  test(`a page that throws says that the job goes on, and loads again (${language})`, async ({
    start,
    folder,
  }) => {
    const { t } = translator(language);
    const stage = new ScenarioFile(folder, {
      drives: [stick('b')],
      job: { stopAt: { phase: 'verify', fraction: 0.5 } },
    });
    await stage.play();
    const { page, drop, forgiveComplaints } = await start({ ...stage.options, locale });
    const image = path.join(folder, 'autoware_image.tgz');
    await writeFile(image, '');
    await drop('.step[data-step=images]', [image]);
    await page.getByText(DRIVE).click();
    await page.getByRole('button', { name: t('write.start.drive') }).click();
    await holdToErase(page, translator(language));
    await expect(page.locator('.progress-percent')).toHaveText(/75/u);
    // Main never sends this; a page that gets it throws while it renders.
    await stage.play({ drives: [{} as Drive] });
    await expect(page.getByRole('alert')).toContainText(t('broken.title'));
    await expect(page.getByRole('alert')).toContainText(t('broken.job'));
    await expect(page.locator('pre')).toContainText('Error');
    await stage.play({ drives: [stick('b')] });
    // The watch has reported the drives to main by then.
    await page.waitForTimeout(400);
    await page.getByRole('button', { name: t('broken.reload') }).click();
    await expect(page.locator('.progress-percent')).toHaveText(/75/u);
    await expect(page.locator('[aria-current=step]')).toHaveText(t('phase.verify'));
    forgiveComplaints();
  });
}

test('drives that cannot be listed are said to be that, and come back', async ({
  start,
  folder,
}) => {
  const drivesError = { code: 'drive-list-failed', params: { reason: 'lsblk' } } as const;
  const stage = new ScenarioFile(folder, { drivesError });
  await stage.play();
  const { page, drop } = await start(stage.options);
  await expect(page.getByRole('alert')).toContainText(en.error(drivesError).what);
  const image = path.join(folder, 'autoware_image.tgz');
  await writeFile(image, '');
  await drop('.step[data-step=images]', [image]);
  // No text asks to choose from a list that is not there.
  await expect(page.getByText(en.t('write.need.list'))).toBeVisible();
  await stage.replace({ drives: [stick('b')] });
  await expect(page.getByRole('checkbox')).toHaveCount(1);
  await expect(page.getByText(en.error(drivesError).what)).toHaveCount(0);
  await expect(page.getByText('Choose a stick.')).toBeVisible();
});

test('each image says what is wrong with it, whichever way it came', async ({ start, folder }) => {
  const cut = path.join(folder, 'cut_image.tgz');
  await copyFile(sample('p1_image.tgz'), cut);
  await truncate(cut, 3000);
  const notes = path.join(folder, 'notes.txt');
  await writeFile(notes, 'hello');
  const { page, drop } = await start();
  await drop('.step[data-step=images]', [cut, notes]);
  // Again while those are read, one of them twice.
  await drop('.step[data-step=images]', [sample('p1_image.tgz'), notes]);
  await expect(page.getByText('notes.txt is already in the list.')).toBeVisible();
  const rows = page.locator('.image-rows > li');
  await expect(rows).toHaveCount(3);
  for (const [index, error] of [
    { code: 'archive-truncated', params: { file: cut } } as const,
    { code: 'not-an-archive', params: { file: notes } } as const,
  ].entries()) {
    const { what, next } = en.error(error);
    await expect(rows.nth(index)).toContainText('Cannot be used');
    await expect(rows.nth(index).getByRole('alert')).toContainText(what);
    await expect(rows.nth(index)).toContainText(next);
  }
  await expect(rows.nth(2)).toContainText('Contents OK');
  await expect(page.getByText('An image needs your attention.')).toBeVisible();

  // Mended on the disk, and read again.
  await copyFile(sample('p1_image.tgz'), cut);
  await rows.nth(0).getByRole('button', { name: 'Read again' }).click();
  await expect(rows.nth(0)).toContainText('Contents OK');
  // It was opened because of its error, and stays open.
  await rows.nth(0).getByLabel('ECU ID').fill('P1');
  await expect(page.getByText(en.t('images.ecu.duplicate'))).toHaveCount(2);
  await rows.nth(0).getByLabel('ECU ID').fill('a:b');
  await expect(rows.nth(0)).toContainText('Only letters, digits, spaces');
  await rows.nth(0).getByLabel('ECU ID').fill('');
  await expect(rows.nth(0)).toContainText('Enter the ECU ID.');
  await page.getByRole('button', { name: 'Remove cut_image.tgz' }).click();
  await expect(rows).toHaveCount(2);
  // The button went with its row; the keyboard goes on from the one that took its place.
  await expect(rows.nth(0).getByRole('button').first()).toBeFocused();
});

test('blobs that are damaged are found before anything is written', async ({ start, folder }) => {
  const damaged = path.join(folder, 'p2_image.tar.zst');
  await copyFile(sample('p2_image.tar.zst'), damaged);
  const { page, drop, ask } = await start();
  await drop('.step[data-step=images]', [damaged]);
  await expect(page.getByText('Contents OK', { exact: true })).toBeVisible();
  const file = await open(damaged, 'r+');
  await file.write(Buffer.alloc(64, 0xff), 0, 64, 40_000);
  await file.close();
  await ask('answerDialogs', [[path.join(folder, 'out.tar')]]);
  await page.getByRole('button', { name: 'Save as a file…' }).click();
  await page.getByRole('menuitem', { name: 'A tar file…' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'The file was not saved' })).toBeVisible();
  await page.getByRole('button', { name: 'Read the images again' }).click();
  // What the card says of the file is no longer so.
  await drop('.step[data-step=images]', [sample('p1_image.tgz')]);
  await expect(page.locator('.image-rows > li')).toHaveCount(2);
});

test('a CA folder that is set later anchors what it can, and refuses the rest', async ({
  start,
  folder,
}) => {
  const { page, drop, ask } = await start();
  await drop('.step[data-step=images]', [sample('p1_image.tgz'), sampleV1('v1_a.zip')]);
  await expect(page.getByText('Contents OK', { exact: true })).toHaveCount(2);
  const rows = page.locator('.image-rows > li');
  const openRows = async (): Promise<void> => {
    for (const row of await rows.all()) await row.locator('[aria-expanded=false]').click();
  };
  await openRows();
  await expect(page.getByText('signed, signer not verified')).toHaveCount(2);
  // Said once, since it holds for both.
  await expect(page.getByText(en.t('warning.signature-unanchored'))).toHaveCount(1);
  await page.getByRole('button', { name: 'Settings' }).click();
  const choose = page.getByRole('button', { name: 'Choose…' });
  // One that cannot be used is refused there, and none is set.
  await ask('answerDialogs', [[folder]]);
  await choose.click();
  await expect(page.getByText(/^The CA folder .* cannot be used/u)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Use none' })).toHaveCount(0);
  const partly = path.join(folder, 'ca');
  await mkdir(partly);
  for (const name of ['sample.root.pem', 'half.intermediate.pem'])
    await copyFile(path.join(sample('ca'), 'sample.root.pem'), path.join(partly, name));
  await ask('answerDialogs', [[partly]]);
  await choose.click();
  await expect(page.getByText(/^The CA folder has no half\.root\.pem/u)).toBeVisible();
  await expect(page.getByText(/cannot be used/u)).toHaveCount(0);
  await ask('answerDialogs', [[sample('ca')]]);
  await choose.click();
  await expect(page.getByText(/half\.root\.pem/u)).toHaveCount(0);
  await page.getByRole('button', { name: 'Back' }).click();
  await rows.nth(0).locator('[aria-expanded]').click();
  await expect(rows.nth(0)).toContainText('signed by a trusted CA');
  await expect(rows.nth(1)).toContainText('Cannot be used');
  await expect(page.getByText('An image needs your attention.')).toBeVisible();
});

test('of an OTA image v1 a person chooses what is taken', async ({ start, folder }) => {
  const { page, drop, ask } = await start();
  await drop('.step[data-step=images]', [sampleV1('v1_b.zip')]);
  await expect(page.getByText('Contents OK', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'main_ecu, sub_ecu' }).first().click();
  const main = page.getByRole('checkbox', { name: /main_ecu/u });
  const sub = page.getByRole('checkbox', { name: /sub_ecu/u });
  await expect(main).toBeChecked();
  await expect(sub).toBeChecked();
  const choice = page.locator('.payloads');
  await choice.getByText('main_ecu').click();
  await choice.getByText('sub_ecu').click();
  await expect(page.getByText('Choose what to take, or remove the image.')).toBeVisible();
  await choice.getByText('sub_ecu').click();
  await page.getByRole('button', { name: 'Show contents' }).click();
  await expect(page.locator('.json')).toContainText('"ecu_id": "sub_ecu"');
  await expect(page.locator('.json')).not.toContainText('main_ecu');
  await page.getByRole('button', { name: 'Back' }).click();
  const file = path.join(folder, 'sub.tar');
  await ask('answerDialogs', [[file]]);
  await page.getByRole('button', { name: 'Save as a file…' }).click();
  await page.getByRole('menuitem', { name: 'A tar file…' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved. The contents were checked while writing.')).toBeVisible();
  await page.getByRole('button', { name: 'Show in folder' }).click();
  await expect.poll(async () => (await ask('seen')).shownInFolder).toEqual([file]);
  const manifest = execFileSync('tar', ['-xOf', file, '--wildcards', '*manifest.json'], {
    encoding: 'utf8',
  });
  const { image_meta: images } = JSON.parse(manifest) as Manifest;
  expect(images.map(({ ecu_id }) => ecu_id)).toEqual(['sub_ecu']);
});
