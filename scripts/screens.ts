/** Renders every screen and state, in English and Japanese, light and dark, into docs/screens; pictures that no scene makes go. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LANGUAGES } from '../src/shared/messages/index.ts';
import { ROOT } from '../e2e/support/launch.ts';
import { SCENES } from '../e2e/support/scenes.ts';
import { SceneRunner } from '../e2e/support/scene-runner.ts';

const SCHEMES = ['light', 'dark'] as const;

// With an argument, those alone whose names begin with it.
const [wanted = ''] = process.argv.slice(2);
const folder = path.join(ROOT, 'docs/screens');
await mkdir(folder, { recursive: true });
const runner = await SceneRunner.open();
const { page } = runner.app;
const devtools = await page.context().newCDPSession(page);
try {
  for (const scene of SCENES.filter(({ name }) => name.startsWith(wanted))) {
    for (const language of LANGUAGES) {
      await runner.show(scene, language);
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        await page.waitForTimeout(200);
        const name = `${scene.name}.${language}.${colorScheme}`;
        // Chromium makes WebP by itself; Playwright’s own screenshots are PNG, ten times as large.
        const { data } = await devtools.send('Page.captureScreenshot', {
          format: 'webp',
          quality: 82,
        });
        await writeFile(path.join(folder, `${name}.webp`), Buffer.from(data, 'base64'));
      }
    }
    console.log(scene.name);
  }
  const made = new Set(SCENES.map(({ name }) => name));
  for (const picture of await readdir(folder))
    if (!made.has(picture.split('.')[0] ?? '')) await rm(path.join(folder, picture));
} finally {
  await runner.close();
}
