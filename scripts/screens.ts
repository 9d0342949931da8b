/** Renders every screen and state, in English and Japanese, light and dark, into docs/screens. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { LANGUAGES } from '../src/shared/messages/index.ts';
import { ROOT } from '../e2e/support/launch.ts';
import { SCENES } from '../e2e/support/scenes.ts';
import { Theatre } from '../e2e/support/theatre.ts';

const run = promisify(execFile);
const SCHEMES = ['light', 'dark'] as const;

const [wanted = ''] = process.argv.slice(2);
const folder = path.join(ROOT, 'docs/screens');
await mkdir(folder, { recursive: true });
const theatre = await Theatre.open();
const { page } = theatre.app;
const scratch = await mkdtemp(path.join(tmpdir(), 'ota-screens-'));
try {
  for (const scene of SCENES.filter(({ name }) => name.includes(wanted))) {
    for (const language of LANGUAGES) {
      await theatre.show(scene, language);
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        await page.waitForTimeout(200);
        const name = `${scene.name}.${language}.${colorScheme}`;
        const png = path.join(scratch, 'screen.png');
        await page.screenshot({ path: png });
        await run('cwebp', ['-quiet', '-q', '82', png, '-o', path.join(folder, `${name}.webp`)]);
      }
    }
    console.log(scene.name);
  }
} finally {
  await theatre.close();
  await rm(scratch, { recursive: true, force: true });
}
