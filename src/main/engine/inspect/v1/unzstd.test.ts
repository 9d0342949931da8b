import { Compressor } from 'zstd-napi';
import { expect, test } from 'vitest';
import { unzstd, ZstdFault } from './unzstd.ts';

const zstd = (bytes: Uint8Array): Buffer => new Compressor().compress(bytes);
const MIB = 1024 * 1024;

/** Sizes around those of the output buffer, where a decoder must not ask for one frame too many. */
test.each([0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB])('%i bytes come out', (size) => {
  const content = Buffer.alloc(size, 'x');
  expect(content.equals(unzstd(zstd(content), size))).toBe(true);
});

test('frames one after another are one content', () => {
  const [a, b] = [Buffer.alloc(MIB, 'a'), Buffer.from('b')];
  const both = unzstd(Buffer.concat([zstd(a), zstd(b)]), 2 * MIB);
  expect(Buffer.concat([a, b]).equals(both)).toBe(true);
});

test('nothing, a cut frame, garbage, and more than the limit are refused', () => {
  const frame = zstd(Buffer.alloc(5 * MIB, 'x'));
  for (const bytes of [Buffer.alloc(0), frame.subarray(0, -1), Buffer.from('hello'), frame])
    expect(() => unzstd(bytes, 5 * MIB - 1)).toThrow(ZstdFault);
});

test('thousands of inputs with large windows, broken ones too, need the memory of one', () => {
  const noise = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * 7919) & 0xff));
  const compressor = new Compressor();
  compressor.setParameters({ windowLog: 24 });
  const frame = compressor.compress(noise);
  const before = process.memoryUsage.rss();
  for (let round = 0; round < 3000; round++) {
    expect(unzstd(frame, MIB)).toHaveLength(noise.length);
    expect(() => unzstd(frame.subarray(0, 100), MIB)).toThrow(ZstdFault);
  }
  expect(process.memoryUsage.rss() - before).toBeLessThan(100 * MIB);
});
