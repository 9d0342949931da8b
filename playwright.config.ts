import { defineConfig } from '@playwright/test';
import './scripts/compile-cache.ts';

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  // For hangs alone: other tests run beside these, on a machine that may be slow.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  // Each app has its own user data, Chromium profile and folder, so that files run side by side.
  workers: 2,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['list']],
  outputDir: 'test-results',
});
