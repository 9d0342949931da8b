import { defineConfig } from 'vitest/config';

/** Specs that are run by tools.test.ts, to see what their helpers do; some of them fail by design. */
export default defineConfig({
  test: { include: ['test/support/examples/*.example.ts'], maxWorkers: 1 },
});
