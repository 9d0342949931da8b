import { expect, test } from 'vitest';
import type { Layout } from '../layout/layout.ts';
import { MemoryTarget } from '../../../../test/support/memory-target.ts';
import { LayoutOutput } from './layout-output.ts';

const BLOCK = 4096;

/** A device that has taken what it was sent, but not yet written all of it. */
class SlowTarget extends MemoryTarget {
  override readonly pending = 3 * BLOCK;
}

test('what the target still holds counts as pending, beside what is gathered', async () => {
  const layout: Layout = {
    ...{ size: 4 * BLOCK, occupied: 2 * BLOCK, wipe: [], commit: null },
    pieces: () => [{ kind: 'file', offset: 0, file: 0, from: 0, length: 2 * BLOCK }],
  };
  const target = new SlowTarget(new Uint8Array(layout.size), { blockSize: BLOCK });
  const output = new LayoutOutput(layout, target);
  await output.prepare();
  await output.accept(0, 0, new Uint8Array(BLOCK));
  expect(output.pending).toBe(BLOCK + target.pending);
});
