import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { translator } from '../src/shared/messages/index.ts';
import { holdToErase } from './support/hold.ts';
import { expect, sample, test } from './support/test.ts';

/** The real engine, the real writer and a real (loop) device, as a person would use them. */

const canLoop = process.getuid?.() === 0 && process.platform === 'linux';

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8' }).trim();

test('two images onto a stick, then the kernel mounts it', async ({ start, folder }) => {
  // Under CI=true nothing is skipped: without root the test fails where it attaches the device.
  test.skip(!canLoop && process.env['CI'] !== 'true', 'needs root for a loop device');
  const file = path.join(folder, 'stick.bin');
  await writeFile(file, '');
  await truncate(file, 512 * 1024 * 1024);
  const device = run('losetup', '--find', '--show', file);
  try {
    const { page, drop, ask } = await start({
      backend: new URL('./host/loop-backend.ts', import.meta.url),
      env: { OTA_HOST_LOOP: device },
    });
    const images = ['p1_image.tgz', 'p2_image.tar.zst', 'p3_nozst_image.tar.xz'];
    await drop('.step[data-step=images]', images.map(sample));
    await expect(page.getByText('Contents OK', { exact: true })).toHaveCount(3);
    await ask('answerDialogs', [[path.join(folder, 'beside.tar')]]);
    await page.getByRole('button', { name: 'Save as a file…' }).click();
    await page.getByRole('menuitem', { name: 'A tar file…' }).click();
    await page.locator('.stick').click();
    await page.getByRole('button', { name: 'Erase and write…' }).click();
    await holdToErase(page, translator('en'));
    // Loop devices cannot be switched off, so the result says that it still has to be ejected.
    await expect(page.getByText(/^Verified/u)).toBeVisible();

    expect(run('blkid', '-o', 'value', '-s', 'LABEL', device)).toBe('ota_cache_src');
    run('e2fsck', '-fn', device);
    const mount = path.join(folder, 'mount');
    await mkdir(mount);
    run('mount', '-o', 'ro', device, mount);
    try {
      expect(readdirSync(mount).sort()).toEqual(['data', 'lost+found', 'manifest.json', 'meta']);
      for (const name of readdirSync(path.join(mount, 'data'))
        .filter((n) => /^[0-9a-f]{64}$/u.test(n))
        .slice(0, 50)) {
        expect(run('sha256sum', path.join(mount, 'data', name)).slice(0, 64)).toBe(name);
      }
      const tar = run('tar', '-tf', path.join(folder, 'beside.tar')).split('\n');
      const listed = tar.filter((name) => /^(\.\/)?data\/[0-9a-f]/u.test(name));
      expect(listed.length).toBe(readdirSync(path.join(mount, 'data')).length);
    } finally {
      run('umount', mount);
    }

    await page.getByRole('button', { name: 'More sticks' }).click();
    await page.getByRole('button', { name: 'Check a stick' }).click();
    await ask('answerDialogs', [[path.join(folder, 'beside.tar')]]);
    await page.getByRole('button', { name: 'Choose files…' }).click();
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await expect(
      page.getByRole('heading', { name: 'Complete: ready for the vehicle' }),
    ).toBeVisible();
  } finally {
    run('losetup', '--detach', device);
  }
});
