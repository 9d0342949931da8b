import { defineConfig } from '@playwright/test';
import './scripts/compile-cache.ts';

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  // For hangs alone, on a machine that may be slow.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  // The app, its worker threads and Chromium share two cores.
  workers: 1,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['list']],
  outputDir: 'test-results',
});
