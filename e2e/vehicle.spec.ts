import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { translator, type Language, type Translator } from '../src/shared/messages/index.ts';
import { FakeVehicle, type FakeVehicleOptions } from '../test/support/fake-vehicle.ts';
import { ROOT, type RunningApp } from './support/launch.ts';
import { expect, sample, test, type Start } from './support/test.ts';

/** The vehicle screen with the real engine, and a vehicle that downloads and compares every file. */

const IDS = ['p1', 'p2', 'p3'];
let image = '';
let vehicle: FakeVehicle | undefined;

test.afterEach(() => vehicle?.stop());

async function startVehicle(options: FakeVehicleOptions = {}, ids = IDS): Promise<FakeVehicle> {
  vehicle = new FakeVehicle(Object.fromEntries(ids.map((id) => [id, {}])), options);
  return vehicle.start();
}

function build(folder: string): string {
  image = path.join(folder, 'offline.tar');
  const inputs = ['p1_image.tgz', 'p2_image.tar.zst', 'p3_nozst_image.tar.xz'];
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      path.join(ROOT, 'out/main/cli.js'),
      ...inputs.map((name, at) => `--image=${IDS[at] ?? ''}:${sample(name)}:2.0`),
      ...['-o', image],
    ],
    { encoding: 'utf8' },
  );
  expect(status, stderr).toBe(0);
  return image;
}

async function violationsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations.map(({ id }) => id);
}

const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click();

/** From the start of the app to the vehicle's ECUs. */
async function connected(
  start: Start,
  folder: string,
  { t }: Translator,
  port: number,
  way: 'own' | 'off',
): Promise<RunningApp> {
  // The CA of the tests is not that of the person who runs them.
  const env = { XDG_CONFIG_HOME: folder, HOME: folder };
  const app = await start({ env, locale: t('nav.vehicle') === 'Vehicle' ? 'en' : 'ja' });
  const { page } = app;
  await press(page, t('nav.vehicle'));
  await app.drop('.vehicle-drop', [build(folder)]);
  await expect(page.getByText(t('vehicle-image.ready'), { exact: true })).toBeVisible();
  await page.getByText(t(`vehicle-way.${way}`), { exact: true }).click();
  await page.getByLabel(t('vehicle-link.address')).fill(`127.0.0.1:${port}`);
  await page.keyboard.press('Enter');
  await expect(page.getByText('1.0 → 2.0').first()).toBeVisible();
  return app;
}

/** With the keyboard alone. */
async function confirm(page: Page, { t }: Translator, ids: readonly string[]): Promise<void> {
  await page.getByRole('button', { name: t('vehicle-link.update', { count: ids.length }) }).focus();
  await page.keyboard.press('Enter');
  const field = page.getByRole('alertdialog').getByRole('textbox');
  await expect(field).toBeFocused();
  const yes = page.getByRole('button', { name: t('vehicle-confirm.yes'), exact: true });
  await page.keyboard.type(ids.slice(1).join(' '));
  await expect(yes).toBeDisabled();
  await page.keyboard.press('Enter');
  await field.fill('');
  await page.keyboard.type([...ids].reverse().join(', '));
  await expect(yes).toBeEnabled();
  await page.keyboard.press('Enter');
}

for (const [language, way] of [
  ['ja', 'own'],
  ['en', 'off'],
] as const satisfies readonly (readonly [Language, string])[])
  test(`from a dropped image to a vehicle that is done (${language}, proxy ${way})`, async ({
    start,
    folder,
  }) => {
    const words = translator(language);
    const { t } = words;
    const authority = path.join(folder, 'offline-ota-image-builder/vehicle-ca/ca.pem');
    let slept = true;
    let closing = 0;
    const shown: { app?: RunningApp } = {};
    const fake = await startVehicle({
      network: {
        kind: way === 'own' ? 'https' : 'http',
        get ca() {
          return way === 'own' ? readFileSync(authority, 'utf8') : '';
        },
      },
      restarts: false,
      async onPhase(ecu, phase) {
        const { app } = shown;
        if (ecu.id !== 'p1' || phase !== 'APPLYING_UPDATE' || app === undefined) return;
        slept &&= !(await app.ask('seen')).sleepBlocked;
        // Closing asks first, and the update goes on.
        await app.ask('closeWindow');
        await app.page.getByText(t('vehicle-closing')).waitFor();
        closing += 1;
        await app.page.getByRole('button', { name: t('closing.stay') }).click();
      },
    });
    const app = await connected(start, folder, words, fake.port, way);
    shown.app = app;
    const { page } = app;
    expect(await violationsOf(page)).toEqual([]);
    expect(fake.requests).toEqual([]);
    await confirm(page, words, IDS);
    await expect(page.getByText(t('vehicle-run.done'))).toBeVisible();
    expect(fake.requests.map(({ ecu_id, version }) => [ecu_id, version])).toEqual(
      IDS.map((id) => [id, '2.0']),
    );
    expect([...fake.ecus.values()].map(({ version }) => version)).toEqual(['2.0', '2.0', '2.0']);
    expect([slept, closing]).toEqual([false, 1]);
    expect(await violationsOf(page)).toEqual([]);
    const { sleepBlocked, notifications } = await app.ask('seen');
    expect(sleepBlocked).toBe(false);
    expect(notifications.map(({ body }) => body)).toEqual([t('vehicle.done')]);
    // The next vehicle, with the same image.
    await press(page, t('vehicle-run.another'));
    await expect(page.getByLabel(t('vehicle-link.address'))).toBeVisible();
    await expect(page.getByText(t('vehicle-image.ready'), { exact: true })).toBeVisible();
  });

test('an ECU that fails is shown as failed and the others as updated; one that was left out keeps its version', async ({
  start,
  folder,
}) => {
  const words = translator('en');
  const { t } = words;
  const fake = await startVehicle({
    onPhase(ecu, phase) {
      if (ecu.id === 'p2' && phase === 'APPLYING_UPDATE') throw new Error('E307: no space');
    },
  });
  const { page } = await connected(start, folder, words, fake.port, 'off');
  await page.getByText('p3', { exact: true }).click();
  await confirm(page, words, ['p1', 'p2']);
  await expect(page.getByText(t('vehicle-run.partly'))).toBeVisible();
  await expect(page.locator('[data-ecu=p1]')).toContainText(t('vehicle-run.updated'));
  await expect(page.locator('[data-ecu=p2]')).toContainText(t('failure.space'));
  await expect(page.locator('[data-ecu]')).toHaveCount(2);
  expect(fake.ecu('p3').version).toBe('1.0');
  await press(page, t('vehicle-run.again'));
  await expect(page.getByText('2.0 → 2.0')).toBeVisible();
  await expect(page.getByText(t('ecu-state.failure'))).toBeVisible();
});

test('an update that is stopped stops on the vehicle', async ({ start, folder }) => {
  const words = translator('en');
  const { t } = words;
  const going = Promise.withResolvers<undefined>();
  const fake = await startVehicle({
    onPhase: (_ecu, phase) => (phase === 'APPLYING_UPDATE' ? going.promise : undefined),
  });
  try {
    const { page } = await connected(start, folder, words, fake.port, 'off');
    await confirm(page, words, IDS);
    await expect(page.getByText(t('update-phase.applying')).first()).toBeVisible();
    await press(page, t('vehicle-run.stop'));
    await press(page, t('vehicle-stop.yes'));
    await expect(page.getByText(t('vehicle-run.stopped'))).toBeVisible();
    await expect(page.getByText(t('vehicle.stopped.accepted'))).toBeVisible();
    expect(fake.aborted).toEqual(IDS);
  } finally {
    going.resolve(undefined);
  }
});
