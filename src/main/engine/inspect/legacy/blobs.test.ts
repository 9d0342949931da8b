import { expect, test } from 'vitest';
import type { ImageInput } from '../../archive/image-input.ts';
import { findBlobs } from './blobs.ts';
import { LINES_PER_YIELD } from './tables.ts';

const file = { name: 'regulars.txt', hash: '' };
const claims = {
  ...{ directories: file, symlinks: file, regulars: file, persistents: file, certificate: file },
  ...{ rootfs: 'data', compressed: null },
};
const input = {
  path: 'image.tar',
  members: { get: () => ({ size: 5, location: { kind: 'extent', offset: 0 } }) },
} as unknown as ImageInput;

function table(lines: number): Buffer {
  const line = (_: unknown, i: number) =>
    `0644,0,0,1,${i.toString(16).padStart(64, '0')},'/${i}',5,,`;
  return Buffer.from(Array.from({ length: lines }, line).join('\n'));
}

test('a long table yields to the event loop, and a cancel then ends it', async () => {
  const controller = new AbortController();
  const reading = findBlobs(input, claims, table(3 * LINES_PER_YIELD), controller.signal);
  controller.abort();
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' });

  const { blobs } = await findBlobs(input, claims, table(3 * LINES_PER_YIELD));
  expect(blobs).toHaveLength(3 * LINES_PER_YIELD);
});
