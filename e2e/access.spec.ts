import AxeBuilder from '@axe-core/playwright';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { HISTORY, play, SCENES } from './support/scenes.ts';
import { Stage } from './support/stage.ts';
import { expect, test } from './support/test.ts';

async function violationsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`,
  );
}

/** Elements whose text is cut off without a way to scroll to it, and a window that scrolls sideways. */
async function clippedIn(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const bad: string[] = [];
    if (document.documentElement.scrollWidth > window.innerWidth) bad.push('page scrolls sideways');
    for (const element of document.querySelectorAll('button, h1, h2, h3, p, dd, dt, label')) {
      if (element.closest('.sr-only') !== null || element.matches('.sr-only, .signer')) continue;
      const style = getComputedStyle(element);
      if (style.overflow === 'auto' || style.clipPath !== 'none') continue;
      if (element.scrollWidth > element.clientWidth + 1 && style.display !== 'inline') {
        bad.push(`${element.tagName}.${element.className}: ${element.textContent}`);
      }
    }
    return bad;
  });
}

for (const [index, scene] of SCENES.entries()) {
  // Both languages and both colour schemes are spread over the scenes: each pair comes up often.
  const language = index % 2 === 0 ? 'ja' : 'en';
  test(`${scene.name} is accessible and nothing is clipped (${language})`, async ({
    start,
    folder,
  }) => {
    const stage = new Stage(folder, scene.scenario);
    await stage.play();
    const userData = path.join(folder, 'data');
    await mkdir(userData);
    if (scene.name.includes('history')) {
      await writeFile(path.join(userData, 'history.json'), JSON.stringify(HISTORY));
    }
    const app = await start({ ...stage.options, locale: language, userData });
    if (scene.reducedMotion === true) await app.page.emulateMedia({ reducedMotion: 'reduce' });
    await play(scene, app, stage, language, folder);
    for (const colorScheme of ['light', 'dark'] as const) {
      await app.page.emulateMedia({ colorScheme });
      await app.page.waitForTimeout(150);
      expect(await violationsOf(app.page), colorScheme).toEqual([]);
    }
    // The smallest window, and 200 % of the usual one.
    for (const [width, height] of [
      [720, 520],
      [450, 310],
    ] as const) {
      await app.page.setViewportSize({ width, height });
      expect(await clippedIn(app.page), `${width} × ${height}`).toEqual([]);
    }
  });
}
