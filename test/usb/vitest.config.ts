import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Software emulation on a busy machine takes its time; these limits are for hangs alone.
export default defineConfig({
  root: join(import.meta.dirname, '..', '..'),
  test: {
    include: ['test/usb/**/*.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 600_000,
    maxWorkers: 1,
  },
});
