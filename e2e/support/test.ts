import { test as base, expect } from '@playwright/test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findChromium } from '../host/chromium.ts';
import { onElectron } from './launch-electron.ts';
import { noteTime, processorSeconds } from '../../test/support/test-times.ts';
import { launch, ROOT, type LaunchOptions, type RunningApp } from './launch.ts';

export { expect };

/** Where CI is set nothing may be skipped: then the start of the app fails and says why. */
export function skipWithoutChromium(): void {
  const lacking = !onElectron && findChromium() === null;
  base.skip(lacking && process.env['CI'] === undefined, 'needs chromium');
}

interface StartedApp extends RunningApp {
  /** For tests that do what the console complains about. */
  readonly forgiveComplaints: () => void;
}

/** Starts the app; it is closed when the test ends, and must not have complained by then. */
export type Start = (options?: LaunchOptions) => Promise<StartedApp>;

interface Fixtures {
  readonly start: Start;
  /** An empty folder that goes away with the test. */
  readonly folder: string;
  readonly timed: undefined;
}

// Playwright reads the names of the fixtures that are needed from the pattern, so it must be there.
/* eslint-disable no-empty-pattern */
export const test = base.extend<Fixtures>({
  // Around all others, with the end of the app and of its processes.
  timed: [
    async ({}, use, { file }) => {
      const [started, before] = [performance.now(), processorSeconds()];
      await use(undefined);
      const seconds = (performance.now() - started) / 1000;
      noteTime({ file, seconds, processor: processorSeconds() - before });
    },
    { auto: true },
  ],
  // Needs the folder so that the app is gone before the folder is.
  start: async ({ folder }, use) => {
    const apps: RunningApp[] = [];
    const complaints: string[] = [];
    expect(folder).not.toBe('');
    skipWithoutChromium();
    await use(async (options) => {
      const app = await launch(options);
      apps.push(app);
      app.page.on('pageerror', (error) => complaints.push(String(error)));
      app.page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      await app.page.locator('header').waitFor();
      return { ...app, forgiveComplaints: () => (complaints.length = 0) };
    });
    for (const app of apps) await app.close();
    expect(complaints).toEqual([]);
  },
  folder: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'ota e2e フォルダー-'));
    await use(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  },
});
/* eslint-enable no-empty-pattern */

export function sample(name: string): string {
  return path.join(ROOT, 'test/fixtures/samples', name);
}

export function sampleV1(name: string): string {
  return path.join(ROOT, 'test/fixtures/samples-v1', name);
}
