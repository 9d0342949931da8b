import { defineConfig } from 'vitest/config';

const ROOT_TESTS = 'test/root/**/*.test.ts';

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
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
          // Loop devices and mounts belong to the whole machine: one file at a time, after all else.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
