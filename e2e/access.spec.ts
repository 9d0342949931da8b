import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { SCENES } from './support/scenes.ts';
import { expect, skipWithoutChromium, test } from './support/test.ts';
import { SceneRunner } from './support/scene-runner.ts';

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

let runner: SceneRunner | undefined;

test.beforeAll(async () => {
  skipWithoutChromium();
  runner = await SceneRunner.open();
});
test.afterAll(() => runner?.close());

test('each scene has a number of its own', () => {
  const numbers = SCENES.map(({ name }) => name.slice(0, 2));
  expect(numbers.filter((number, at) => numbers.indexOf(number) !== at)).toEqual([]);
});

for (const [index, scene] of SCENES.entries()) {
  // Languages take turns: each comes up often with every kind of element.
  const language = index % 2 === 0 ? 'ja' : 'en';
  test(`${scene.name} is accessible and nothing is clipped (${language})`, async () => {
    if (runner === undefined) throw new Error('the app was not started');
    const { page } = runner.app;
    await runner.show(scene, language);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(150);
      expect(await violationsOf(page), colorScheme).toEqual([]);
    }
    // The smallest window, and 200 % of the usual one.
    for (const [width, height] of [
      [720, 520],
      [450, 310],
    ] as const) {
      await page.setViewportSize({ width, height });
      expect(await clippedIn(page), `${width} × ${height}`).toEqual([]);
    }
  });
}
