import type { Page } from '@playwright/test';
import type { Translator } from '../../src/shared/messages/index.ts';

/** Holds the erase button until it counts. */
export async function holdToErase(page: Page, words: Translator): Promise<void> {
  await page.getByRole('button', { name: words.t('confirm.hold') }).hover();
  await page.mouse.down();
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
  await page.mouse.up();
}
