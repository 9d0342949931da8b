import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryTarget } from '../../../../test/support/memory-target.ts';
import type { Target } from '../target/target.ts';
import { ChunkWriter } from './chunk-writer.ts';

const SIZE = 250_000;

/** What a memory target likes best. */
const { writeBytes: CHUNK_BYTES } = new MemoryTarget(new Uint8Array());

/** Pieces in ascending order: how far from the last one, how long, zeros or bytes. */
const pieces = fc.array(
  fc.record({
    gap: fc.oneof(fc.constant(0), fc.nat(5000), fc.constantFrom(4095, 4096, 8192, 60_000)),
    length: fc.oneof(fc.nat(600), fc.constantFrom(4096, 8192, 20_000)),
    zeros: fc.boolean(),
  }),
  { maxLength: 25 },
);

test.each([1, 512, 4096])(
  'any ascending pieces come out where they belong, in blocks of %d',
  async (blockSize) => {
    await fc.assert(
      fc.asyncProperty(pieces, async (all) => {
        const memory = new Uint8Array(SIZE).fill(0xaa);
        const target = new MemoryTarget(memory, { blockSize });
        await target.prepare([]);
        const writer = new ChunkWriter(target);
        const expected = new Map<number, number>();
        let offset = 0;
        for (const [i, { gap, length, zeros }] of all.entries()) {
          offset += gap;
          if (offset + length > SIZE) break;
          const bytes = new Uint8Array(length).fill(i + 1);
          if (zeros) await writer.zeros(offset, length);
          else await writer.append(offset, bytes);
          // The memory may be reused as soon as it was accepted.
          bytes.fill(0xff);
          for (let at = 0; at < length; at++) expected.set(offset + at, zeros ? 0 : i + 1);
          offset += length;
        }
        await writer.finish();
        expect(writer.pending).toBe(0);
        // What lies between stays, but for blocks that are begun.
        const wrong = Array.from(memory.keys()).filter((at) => {
          const byte = expected.get(at);
          return byte === undefined ? ![0xaa, 0].includes(memory[at] ?? -1) : memory[at] !== byte;
        });
        expect(wrong).toEqual([]);
      }),
      { seed: 20_260_111, numRuns: 25 },
    );
  },
);

test('large gaps are left untouched', async () => {
  const memory = new Uint8Array(SIZE).fill(0xaa);
  const target = new MemoryTarget(memory, { blockSize: 4096 });
  await target.prepare([]);
  const writer = new ChunkWriter(target);
  await writer.append(10, Buffer.from('one'));
  await writer.append(200_000, Buffer.from('two'));
  await writer.finish();
  expect(memory.subarray(4096, 196_608).every((byte) => byte === 0xaa)).toBe(true);
  expect(Buffer.from(memory.subarray(0, 14)).toString('latin1')).toBe('\0'.repeat(10) + 'one\0');
  expect(Buffer.from(memory.subarray(200_000, 200_003)).toString()).toBe('two');
});

test.each([
  ['one at a time', false, 1],
  ['two at a time where any order will do', true, 2],
])('writes are large, %s', async (_, randomWrites, most) => {
  const size = 3 * CHUNK_BYTES + 5000;
  const memory = new Uint8Array(size);
  const inner = new MemoryTarget(memory, { blockSize: 4096, randomWrites });
  const lengths: number[] = [];
  const atOnce: number[] = [];
  let inFlight = 0;
  const target = watching(inner, async (offset, bytes) => {
    atOnce.push(++inFlight);
    lengths.push(bytes.length);
    await new Promise((resolve) => setTimeout(resolve, 2));
    await inner.write(offset, bytes);
    inFlight--;
  });
  await target.prepare([]);
  const writer = new ChunkWriter(target);
  const piece = new Uint8Array(100_000).fill(3);
  for (let at = 0; at < size; at += piece.length)
    await writer.append(at, piece.subarray(0, Math.min(piece.length, size - at)));
  await writer.finish();
  expect(lengths).toEqual([CHUNK_BYTES, CHUNK_BYTES, CHUNK_BYTES, 5000]);
  expect(Math.max(...atOnce)).toBe(most);
  expect(memory.every((byte) => byte === 3)).toBe(true);
});

test.each([128 * 1024, 4 * 1024 * 1024])(
  'bytes are gathered to the size that the target is fastest with (%d)',
  async (writeBytes) => {
    const size = 3 * writeBytes + 5000;
    const inner = new MemoryTarget(new Uint8Array(size), { blockSize: 4096, writeBytes });
    const lengths: number[] = [];
    const target = watching(inner, async (offset, bytes) => {
      lengths.push(bytes.length);
      await inner.write(offset, bytes);
    });
    await target.prepare([]);
    const writer = new ChunkWriter(target);
    const piece = new Uint8Array(30_000);
    for (let at = 0; at < size; at += piece.length)
      await writer.append(at, piece.subarray(0, Math.min(piece.length, size - at)));
    await writer.finish();
    expect(lengths).toEqual([writeBytes, writeBytes, writeBytes, 5000]);
  },
);

test('a failed write is reported by the next call or by finish, and nothing follows it', async () => {
  const inner = new MemoryTarget(new Uint8Array(10 * CHUNK_BYTES));
  let writes = 0;
  const target = watching(inner, async () => {
    await Promise.resolve();
    writes++;
    throw new Error('the stick is gone');
  });
  await target.prepare([]);
  const writer = new ChunkWriter(target);
  await writer.append(0, new Uint8Array(10));
  await expect(writer.finish()).rejects.toThrow('the stick is gone');
  const second = new ChunkWriter(target);
  const all = async () => {
    for (let at = 0; at < 10; at++)
      await second.append(at * CHUNK_BYTES, new Uint8Array(CHUNK_BYTES));
  };
  await expect(all()).rejects.toThrow('the stick is gone');
  expect(writes).toBe(2);
});

test('what is behind is bounded: a target that stalls takes 16 MiB and no more', async () => {
  const inner = new MemoryTarget(new Uint8Array(40 * CHUNK_BYTES));
  const gate = Promise.withResolvers<undefined>();
  const target = watching(inner, () => gate.promise);
  await target.prepare([]);
  const writer = new ChunkWriter(target);
  let taken = 0;
  const appending = (async () => {
    for (let at = 0; at < 40; at++) {
      await writer.append(at * CHUNK_BYTES, new Uint8Array(CHUNK_BYTES));
      taken += CHUNK_BYTES;
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect({ taken, pending: writer.pending }).toEqual({
    taken: 16 * 1024 * 1024,
    pending: 16 * 1024 * 1024,
  });
  // Closing the output ends the wait.
  writer.abandon();
  await expect(appending).rejects.toMatchObject({ code: 'cancelled' });
  gate.resolve(undefined);
});

test('what lends its memory goes on after a failure, tells it once, and writes no more', async () => {
  const inner = new MemoryTarget(new Uint8Array(40 * CHUNK_BYTES));
  let writes = 0;
  const target = watching(inner, () => {
    writes++;
    return Promise.reject(new Error('the stick is gone'));
  });
  await target.prepare([]);
  const writer = new ChunkWriter(target);
  const reported: unknown[] = [];
  writer.dropAfterFailure((error) => void reported.push(error));
  for (let at = 0; at < 20; at++) {
    const { filled } = await writer.reserve(at * CHUNK_BYTES, CHUNK_BYTES);
    filled.resolve();
  }
  await expect(writer.finish()).rejects.toThrow('the stick is gone');
  expect({ writes, reported }).toEqual({ writes: 1, reported: [new Error('the stick is gone')] });
});

test('going back is a defect of the caller', async () => {
  const target = new MemoryTarget(new Uint8Array(1000));
  await target.prepare([]);
  const writer = new ChunkWriter(target);
  await writer.append(100, new Uint8Array(50));
  await expect(writer.append(120, new Uint8Array(1))).rejects.toThrow(RangeError);
});

/** A target whose writes go somewhere else. */
function watching(inner: MemoryTarget, write: Target['write']): Target {
  return {
    name: inner.name,
    size: inner.size,
    blockSize: inner.blockSize,
    writeBytes: inner.writeBytes,
    pending: 0,
    startsZeroed: inner.startsZeroed,
    randomWrites: inner.randomWrites,
    hasContent: inner.hasContent,
    prepare: (wipe) => inner.prepare(wipe),
    write,
    flush: () => inner.flush(),
    read: (offset, length) => inner.read(offset, length),
    commit: (piece) => inner.commit(piece),
    close: () => inner.close(),
  };
}
