import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import '../../scripts/compile-cache.ts';

// Software emulation on a busy machine takes its time; these limits are for hangs alone.
export default defineConfig({
  root: join(import.meta.dirname, '..', '..'),
  test: {
    setupFiles: ['test/support/note-file-time.ts'],
    include: ['test/usb/**/*.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 600_000,
    maxWorkers: 1,
  },
});
