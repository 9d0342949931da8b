import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { seededBytes, sha256, zstd } from '../../../../test/support/image-factory.ts';
import { HashPool } from './hash-pool.ts';
import { newRingMemory, RingClosed, WindowRing } from './window.ts';
import type { HashSegment } from './worker-task.ts';

let pool: HashPool | null = null;
const start = () => (pool = new HashPool());

afterEach(async () => {
  await pool?.close();
});

/** Files packed behind each other and cut into windows of `size` bytes. */
function* windows(
  files: readonly { stored: Uint8Array; proof: HashSegment['proof'] }[],
  size: number,
): Generator<{ window: SharedArrayBuffer; segments: HashSegment[] }> {
  let window = new SharedArrayBuffer(size);
  let segments: HashSegment[] = [];
  let used = 0;
  for (const [file, { stored, proof }] of files.entries())
    for (let from = 0; from < stored.length;) {
      const length = Math.min(stored.length - from, size - used);
      new Uint8Array(window).set(stored.subarray(from, from + length), used);
      const last = from + length === stored.length;
      segments.push({ file, start: used, length, first: from === 0, last, proof });
      used += length;
      from += length;
      if (used < size) continue;
      yield { window, segments };
      window = new SharedArrayBuffer(size);
      segments = [];
      used = 0;
    }
  if (segments.length > 0) yield { window, segments };
}

test('exactly the wrong contents are named, plain or zstd, however they are cut', async () => {
  const hashing = start();
  const file = fc.record({
    size: fc.integer({ min: 1, max: 6000 }),
    zst: fc.boolean(),
    wrong: fc.constantFrom(false, false, 'content', 'size', 'cut'),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(file, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 50, max: 9000 }),
      async (all, size) => {
        const expected: number[] = [];
        const files = all.map((each, i) => {
          const content = seededBytes(i, each.size, 'text');
          const bytes = each.wrong === 'content' ? seededBytes(i + 99, each.size) : content;
          const whole = each.zst ? zstd(bytes, 3) : bytes;
          const isCut = each.wrong === 'cut' && whole.length > 1;
          const isSize = each.wrong === 'size' && each.zst;
          if (each.wrong === 'content' || isCut || isSize) expected.push(i);
          const unpackedSize = each.size + (isSize ? 1 : 0);
          return {
            stored: isCut ? whole.subarray(0, -1) : whole,
            proof: {
              sha256: sha256(content),
              of: each.zst ? 'zstd' : 'plain',
              ...(each.zst ? { unpackedSize } : {}),
            } as const,
          };
        });
        const wrong = await Promise.all(
          Array.from(windows(files, size), ({ window, segments }) =>
            hashing.submit(window, segments),
          ),
        );
        expect(
          wrong
            .flat()
            .map(({ file }) => file)
            .sort((a, b) => a - b),
        ).toEqual(expected);
      },
    ),
    { seed: 20_260_113, numRuns: 60 },
  );
});

test('contents of exactly one or several MiB are right', async () => {
  const hashing = start();
  const files = [1, 2, 3].map((mebibytes) => {
    const content = seededBytes(mebibytes, mebibytes * 2 ** 20, 'text');
    return { stored: zstd(content, 3), proof: { sha256: sha256(content), of: 'zstd' as const } };
  });
  for (const { window, segments } of windows(files, 2 ** 21))
    expect(await hashing.submit(window, segments)).toEqual([]);
});

test('a thread that dies makes every call fail instead of waiting for ever', async () => {
  const hashing = start();
  const proof = { sha256: '', of: 'plain' } as const;
  const beyond = { file: 0, start: 0, length: 99, first: true, last: true, proof };
  const call = hashing.submit(new SharedArrayBuffer(10), [beyond]);
  await expect(Promise.race([call, setTimeout(20_000)])).rejects.toMatchObject({
    code: 'internal',
  });
  const good = { file: 1, start: 0, length: 10, first: true, last: true, proof };
  await expect(hashing.submit(new SharedArrayBuffer(10), [good])).rejects.toThrow('internal');
});

test('closing ends calls that are under way', async () => {
  const hashing = start();
  const proof = { sha256: '', of: 'plain' } as const;
  const segment = { file: 0, start: 0, length: 2 ** 24, first: true, last: true, proof };
  const call = hashing.submit(new SharedArrayBuffer(2 ** 24), [segment]);
  const settled = call.then(
    () => 'done',
    () => 'failed',
  );
  await hashing.close();
  expect(['done', 'failed']).toContain(await settled);
  await expect(hashing.close()).resolves.toBeUndefined();
});

test('a ring gives its windows in turn and waits for the one that is next', async () => {
  const ring = new WindowRing(newRingMemory(3, 16));
  expect([await ring.take(), ring.takeSync(), await ring.take()]).toEqual([0, 1, 2]);
  let taken = -1;
  const waiting = ring.take().then((index) => (taken = index));
  ring.release(1);
  await setTimeout(20);
  expect(taken).toBe(-1);
  ring.release(0);
  expect(await waiting).toBe(0);
  expect(await ring.take()).toBe(1);
  expect(ring.window(2).byteLength).toBe(16);
  expect(() => ring.window(3)).toThrow(RangeError);
});

test('closing a ring ends whoever waits for a window, and every later take', async () => {
  const ring = new WindowRing(newRingMemory(1, 16));
  await ring.take();
  const waiting = ring.take();
  ring.close();
  await expect(waiting).rejects.toThrow(RingClosed);
  await expect(ring.take()).rejects.toThrow(RingClosed);
  expect(() => ring.takeSync()).toThrow(RingClosed);
});

test('closing drops gigabytes of zeros that are still being unpacked', async () => {
  const hashing = start();
  // 64 GiB of zeros in a few bytes: one frame, repeated.
  const frame = zstd(new Uint8Array(64 * 1024 ** 2), 1);
  const stored = Buffer.concat(Array.from({ length: 1024 }, () => frame));
  const window = new SharedArrayBuffer(stored.length);
  new Uint8Array(window).set(stored);
  const proof = { sha256: '', of: 'zstd' } as const;
  const length = stored.length;
  const call = hashing.submit(window, [
    { file: 0, start: 0, length, first: true, last: false, proof },
  ]);
  const settled = call.then(
    () => 'done',
    () => 'dropped',
  );
  await setTimeout(50);
  await hashing.close();
  expect(await settled).toBe('dropped');
});
