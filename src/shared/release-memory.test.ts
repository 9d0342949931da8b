import { expect, test } from 'vitest';
import { releaseMemory } from './release-memory.ts';

test('what has a buffer of its own is empty afterwards, and nothing else is touched', () => {
  const whole = new Uint8Array(100).fill(1);
  releaseMemory(whole);
  expect(whole.length).toBe(0);

  const pooled = Buffer.from('one of many in one buffer');
  const shared = new Uint8Array(new SharedArrayBuffer(10)).fill(2);
  for (const bytes of [pooled, shared]) {
    const before = Array.from(bytes);
    releaseMemory(bytes);
    expect(Array.from(bytes)).toEqual(before);
  }
});
