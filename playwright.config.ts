import { defineConfig } from '@playwright/test';
import './scripts/compile-cache.ts';

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  // For hangs alone, on a machine that may be slow.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  // Each spec file has apps, folders and devices of its own, and its window waits half of the time.
  workers: 2,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['list']],
  outputDir: 'test-results',
});
