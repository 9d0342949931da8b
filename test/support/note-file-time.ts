import { afterAll, expect } from 'vitest';
import { noteTime, processorSeconds } from './test-times.ts';

// Loaded before each test file, which has a process of its own: all of its time is the file's. The first
// of all hooks is the last to run.
afterAll(() => {
  noteTime({
    file: expect.getState().testPath ?? 'unknown',
    seconds: performance.now() / 1000,
    processor: processorSeconds(),
  });
});
