import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { seededBytes, sha256, zstd } from '../../../../test/support/image-factory.ts';
import { tmpFolder } from '../../../../test/support/tmp.ts';
import { HashPool } from './hash-pool.ts';
import { newRingMemory, RingClosed, WindowRing } from './window.ts';
import { startWorker, type HashSegment } from './worker-task.ts';
import type * as WorkerTask from './worker-task.ts';

vi.mock('./worker-task.ts', async (original) => {
  const real = await original<typeof WorkerTask>();
  return { ...real, startWorker: vi.fn(real.startWorker) };
});

let pool: HashPool | null = null;
const start = () => (pool = new HashPool());

afterEach(async () => {
  await pool?.close();
});

/** Files packed behind each other and cut into windows of `size` bytes. */
function* windows(
  files: readonly { stored: Uint8Array; contentDigest: HashSegment['contentDigest'] }[],
  size: number,
): Generator<{ window: SharedArrayBuffer; segments: HashSegment[] }> {
  let window = new SharedArrayBuffer(size);
  let segments: HashSegment[] = [];
  let used = 0;
  for (const [fileIndex, { stored, contentDigest }] of files.entries())
    for (let from = 0; from < stored.length;) {
      const length = Math.min(stored.length - from, size - used);
      new Uint8Array(window).set(stored.subarray(from, from + length), used);
      const last = from + length === stored.length;
      segments.push({ fileIndex, start: used, length, first: from === 0, last, contentDigest });
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
  const hashing = start().openStream();
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
            contentDigest: {
              sha256: sha256(content),
              of: each.zst ? 'zstd' : 'plain',
              ...(each.zst ? { unpackedSize } : {}),
            } as const,
          };
        });
        const results = await Promise.all(
          Array.from(windows(files, size), ({ window, segments }) =>
            hashing.submit(window, segments),
          ),
        );
        expect(
          results
            .flatMap(({ wrong }) => wrong)
            .map(({ fileIndex }) => fileIndex)
            .sort((a, b) => a - b),
        ).toEqual(expected);
      },
    ),
    { seed: 20_260_113, numRuns: 60 },
  );
});

test('a thread is started when all others have work, and none for nothing', async () => {
  const started = vi.mocked(startWorker);
  started.mockClear();
  const hashing = start().openStream();
  expect(started).not.toHaveBeenCalled();
  const window = new SharedArrayBuffer(3000);
  const submit = (fileIndex: number) => {
    const whole = { start: 0, length: 3000, first: true, last: true };
    return hashing.submit(window, [
      { ...whole, fileIndex, contentDigest: undefined, digest: 'stored' },
    ]);
  };
  for (const fileIndex of [0, 1]) await submit(fileIndex);
  expect(started).toHaveBeenCalledTimes(1);
  await Promise.all([submit(2), submit(3)]);
  expect(started).toHaveBeenCalledTimes(2);
});

test('content behind the first zstd frame is wrong, as clients end there; what has none is not', async () => {
  const hashing = start().openStream();
  const [a, b] = [seededBytes(1, 3000), seededBytes(2, 3000)];
  const skippable = Buffer.from('502a4d180400000078787878', 'hex');
  const cases = [
    [Buffer.concat([zstd(a, 3), zstd(b, 3)]), Buffer.concat([a, b])],
    [Buffer.concat([skippable, zstd(a, 3)]), a],
    [Buffer.concat([zstd(Buffer.alloc(0), 3), zstd(a, 3)]), a],
    [zstd(a, 3), a],
    [Buffer.concat([zstd(a, 3), skippable]), a],
    [Buffer.concat([zstd(a, 3), zstd(Buffer.alloc(0), 3)]), a],
  ] as const;
  const files = cases.map(([stored, content]) => ({
    stored,
    contentDigest: { sha256: sha256(content), of: 'zstd' } as const,
  }));
  for (const size of [100, 9000]) {
    const results = await Promise.all(
      Array.from(windows(files, size), ({ window, segments }) => hashing.submit(window, segments)),
    );
    const found = results.flatMap(({ wrong }) => wrong).sort((x, y) => x.fileIndex - y.fileIndex);
    expect(found.map(({ fileIndex }) => fileIndex)).toEqual([0, 1, 2]);
    for (const { reason } of found) expect(reason).toContain('first zstd frame');
  }
});

test('threads read what they hash, however the bytes lie in inputs and window', async () => {
  const hashing = start().openStream();
  const folder = tmpFolder();
  const inputs = [1, 2].map((seed) => {
    const path = join(folder, `${seed}`);
    writeFileSync(path, seededBytes(seed, 3_000_000, 'text'));
    return path;
  });
  const place = fc.record({
    input: fc.nat(1),
    // Before, close behind or far behind the last one.
    step: fc.oneof(fc.integer({ min: -50_000, max: 0 }), fc.nat(3000), fc.nat(100_000)),
    size: fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 60_000, max: 600_000 })),
    gap: fc.nat(600),
    isWrong: fc.constantFrom(false, false, false, true),
    isHere: fc.constantFrom(false, false, false, true),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(place, { minLength: 1, maxLength: 25 }), async (places) => {
      const window = new SharedArrayBuffer(25 * 600_600);
      const memory = new Uint8Array(window).fill(0xaa);
      const expected = new Uint8Array(window.byteLength).fill(0xaa);
      const segments: HashSegment[] = [];
      let start = 0;
      let offset = 0;
      for (const [fileIndex, { input, step, size, gap, isWrong, isHere }] of places.entries()) {
        offset = Math.min(Math.max(0, offset + step), 3_000_000 - size);
        start += gap;
        const content = seededBytes(input + 1, 3_000_000, 'text').subarray(offset, offset + size);
        expected.set(content, start);
        if (isHere) memory.set(content, start);
        const contentDigest = {
          sha256: sha256(isWrong ? Buffer.from('another') : content),
          of: 'plain',
        } as const;
        const source = isHere ? undefined : { input, offset };
        segments.push({
          fileIndex,
          start,
          length: size,
          first: true,
          last: true,
          contentDigest,
          source,
        });
        start += size;
        offset += size;
      }
      const { wrong } = await hashing.submit(window, segments, inputs);
      expect(wrong.map(({ fileIndex }) => fileIndex)).toEqual(
        Array.from(places.keys()).filter((fileIndex) => places[fileIndex]?.isWrong),
      );
      expect(Buffer.compare(memory, expected)).toBe(0);
    }),
    { seed: 20_261_124, numRuns: 25 },
  );
});

test.each<[string, (path: string) => void]>([
  ['input-changed', (path) => truncateSync(path, 99)],
  ['input-not-found', () => undefined],
])('an input that cannot be read ends with %s', async (code, change) => {
  const hashing = start().openStream();
  const path = join(tmpFolder(), 'input');
  if (code !== 'input-not-found') writeFileSync(path, seededBytes(1, 100));
  change(path);
  const contentDigest = { sha256: '', of: 'plain' } as const;
  const source = { input: 0, offset: 0 };
  const segment = {
    fileIndex: 0,
    start: 0,
    length: 100,
    first: true,
    last: true,
    contentDigest,
    source,
  };
  const call = hashing.submit(new SharedArrayBuffer(100), [segment], [path]);
  await expect(call).rejects.toMatchObject({ code });
});

test('contents of exactly one or several MiB are right', async () => {
  const hashing = start().openStream();
  const files = [1, 2, 3].map((mebibytes) => {
    const content = seededBytes(mebibytes, mebibytes * 2 ** 20, 'text');
    return {
      stored: zstd(content, 3),
      contentDigest: { sha256: sha256(content), of: 'zstd' as const },
    };
  });
  for (const { window, segments } of windows(files, 2 ** 21))
    expect((await hashing.submit(window, segments)).wrong).toEqual([]);
});

test('of two streams with files of the same numbers each gets its own digests', async () => {
  const threads = start();
  const digest = 'unpacked' as const;
  const streams = [1, 2].map((seed) => {
    const content = seededBytes(seed, 40_000, 'text');
    const stored = [content, zstd(content, 3), Buffer.from('28b52ffd', 'hex'), Buffer.from('abc')];
    const files = stored.map((bytes) => ({ stored: bytes, contentDigest: undefined }));
    const unpacked = { sha256: sha256(content), size: content.length };
    const expected = stored.map((bytes, fileIndex) => ({
      fileIndex,
      stored: sha256(bytes),
      unpacked: fileIndex === 1 ? unpacked : null,
    }));
    return { hashing: threads.openStream(), pieces: [...windows(files, 1000)], expected };
  });
  const results = streams.map(() => [] as unknown[]);
  // The pieces of both come by turns, so that two files of one number are half-way at the same time.
  const most = Math.max(...streams.map(({ pieces }) => pieces.length));
  const calls: Promise<unknown>[] = [];
  for (let i = 0; i < most; i++)
    for (const [at, { hashing, pieces }] of streams.entries()) {
      const { window, segments } = pieces[i] ?? { window: new SharedArrayBuffer(0), segments: [] };
      const asked = segments.map((segment) => ({ ...segment, digest }));
      calls.push(
        hashing.submit(window, asked).then(({ digests }) => results[at]?.push(...digests)),
      );
    }
  await Promise.all(calls);
  expect(results).toEqual(streams.map(({ expected }) => expected));
});

test('what is not asked for is not unpacked without end, and its stored digest is right', async () => {
  const hashing = start().openStream();
  const stored = zstd(new Uint8Array(100 * 1024 ** 2), 1);
  const files = [{ stored, contentDigest: undefined }];
  const found: unknown[] = [];
  for (const { window, segments } of windows(files, 2 ** 20)) {
    const asked = segments.map((segment) => ({ ...segment, digest: 'unpacked' as const }));
    found.push(...(await hashing.submit(window, asked)).digests);
  }
  expect(found).toEqual([{ fileIndex: 0, stored: sha256(stored), unpacked: null }]);
});

test('a thread that dies makes every call fail instead of waiting for ever', async () => {
  const hashing = start().openStream();
  const contentDigest = { sha256: '', of: 'plain' } as const;
  const beyond = { fileIndex: 0, start: 0, length: 99, first: true, last: true, contentDigest };
  const call = hashing.submit(new SharedArrayBuffer(10), [beyond]);
  await expect(Promise.race([call, setTimeout(20_000)])).rejects.toMatchObject({
    code: 'internal',
  });
  const good = { fileIndex: 1, start: 0, length: 10, first: true, last: true, contentDigest };
  await expect(hashing.submit(new SharedArrayBuffer(10), [good])).rejects.toThrow('internal');
});

test('closing ends calls that are under way', async () => {
  const hashing = start().openStream();
  const contentDigest = { sha256: '', of: 'plain' } as const;
  const segment = {
    fileIndex: 0,
    start: 0,
    length: 2 ** 24,
    first: true,
    last: true,
    contentDigest,
  };
  const call = hashing.submit(new SharedArrayBuffer(2 ** 24), [segment]);
  const settled = call.then(
    () => 'done',
    () => 'failed',
  );
  await pool?.close();
  expect(['done', 'failed']).toContain(await settled);
  await expect(pool?.close()).resolves.toBeUndefined();
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

test('closing a ring ends every waiting and every later take', async () => {
  const ring = new WindowRing(newRingMemory(1, 16));
  await ring.take();
  const waiting = ring.take();
  ring.close();
  await expect(waiting).rejects.toThrow(RingClosed);
  await expect(ring.take()).rejects.toThrow(RingClosed);
  expect(() => ring.takeSync()).toThrow(RingClosed);
});

test('closing drops gigabytes of zeros that are still being unpacked', async () => {
  const hashing = start().openStream();
  // 64 GiB of zeros in a few bytes: one frame, repeated.
  const frame = zstd(new Uint8Array(64 * 1024 ** 2), 1);
  const stored = Buffer.concat(Array.from({ length: 1024 }, () => frame));
  const window = new SharedArrayBuffer(stored.length);
  new Uint8Array(window).set(stored);
  const contentDigest = { sha256: '', of: 'zstd' } as const;
  const length = stored.length;
  const call = hashing.submit(window, [
    { fileIndex: 0, start: 0, length, first: true, last: false, contentDigest },
  ]);
  const settled = call.then(
    () => 'done',
    () => 'dropped',
  );
  await setTimeout(50);
  await pool?.close();
  expect(await settled).toBe('dropped');
});
