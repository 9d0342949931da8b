/** Renders every screen and state, in English and Japanese, light and dark, into docs/screens. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { LANGUAGES, type Language } from '../src/shared/messages/index.ts';
import { launch, ROOT } from '../e2e/support/launch.ts';
import { HISTORY, play, SCENES, type Scene } from '../e2e/support/scenes.ts';
import { Stage } from '../e2e/support/stage.ts';

const run = promisify(execFile);
const SCHEMES = ['light', 'dark'] as const;

/** Pictures of one scene: the window is opened once a language, its colours are switched. */
async function shoot(scene: Scene, language: Language, folder: string): Promise<void> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'ota-screens-'));
  const userData = path.join(scratch, 'data');
  await mkdir(userData);
  if (scene.name.includes('history')) {
    await writeFile(path.join(userData, 'history.json'), JSON.stringify(HISTORY));
  }
  const stage = new Stage(scratch, scene.scenario);
  await stage.play();
  const app = await launch({ ...stage.options, locale: language, userData });
  try {
    if (scene.reducedMotion === true) await app.page.emulateMedia({ reducedMotion: 'reduce' });
    await play(scene, app, stage, language, scratch);
    await app.page.mouse.move(0, 0);
    for (const colorScheme of SCHEMES) {
      await app.page.emulateMedia({ colorScheme });
      await app.page.waitForTimeout(200);
      const name = `${scene.name}.${language}.${colorScheme}`;
      const png = path.join(scratch, `${name}.png`);
      await app.page.screenshot({ path: png });
      await run('cwebp', ['-quiet', '-q', '82', png, '-o', path.join(folder, `${name}.webp`)]);
    }
  } finally {
    await app.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

const [wanted = ''] = process.argv.slice(2);
const folder = path.join(ROOT, 'docs/screens');
await mkdir(folder, { recursive: true });
for (const scene of SCENES.filter(({ name }) => name.includes(wanted))) {
  for (const language of LANGUAGES) {
    await shoot(scene, language, folder);
    console.log(`${scene.name} ${language}`);
  }
}
