import { expect, test } from 'vitest';
import { MemoryTarget } from './memory-target.ts';
import { describeTarget, SUITE_SIZE } from './target-suite.ts';

for (const blockSize of [1, 4096])
  describeTarget(`memory in blocks of ${blockSize}`, () => {
    const memory = new Uint8Array(SUITE_SIZE).fill(0xaa);
    return Promise.resolve({
      target: new MemoryTarget(memory, { blockSize }),
      contents: () => Promise.resolve(memory),
      dispose: () => Promise.resolve(),
    });
  });

test('the tail of an odd size may be written though it is no whole block', async () => {
  const target = new MemoryTarget(new Uint8Array(10_000), { blockSize: 4096 });
  await target.prepare([]);
  await target.write(8192, new Uint8Array(1808));
  await target.flush();
  expect(await target.read(9999, 1)).toEqual(new Uint8Array(1));
});
