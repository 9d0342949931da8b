import { defineConfig } from 'vitest/config';
import './scripts/compile-cache.ts';

const ROOT_TESTS = 'test/root/**/*.test.ts';

export default defineConfig({
  test: {
    // For hangs alone: other tests run beside these, on a machine that may be slow.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    setupFiles: ['test/support/note-file-time.ts'],
    // Two cores are the smallest machine that the suite is meant for.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.ts'],
          // A virtual machine of their own: `npm run test:usb`.
          exclude: [ROOT_TESTS, 'test/usb/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'root',
          include: [ROOT_TESTS],
          // Loop devices, mounts and polkit's rules belong to the whole machine: one file at a time.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
