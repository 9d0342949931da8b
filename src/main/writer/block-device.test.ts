import type { FileHandle } from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import { AlignedMemory, BlockDevice } from './block-device.ts';

const BLOCK = 4096;

/** A device of 16 blocks that notes what is asked of it; `fails` are the fsyncs that do, from 1. */
function device(direct: boolean, fails: readonly number[] = [], hasSync = true) {
  const medium = Buffer.alloc(16 * BLOCK);
  const calls: string[] = [];
  let syncs = 0;
  const handle = {
    write: (bytes: Uint8Array, from: number, length: number, offset: number) => {
      calls.push('write');
      // A system may take less than it is given.
      const taken = Math.min(length, 2 * BLOCK);
      medium.set(bytes.subarray(from, from + taken), offset);
      return Promise.resolve({ bytesWritten: taken });
    },
    read: (into: Uint8Array, at: number, length: number, offset: number) => {
      calls.push('read');
      into.set(medium.subarray(offset, offset + length), at);
      return Promise.resolve({ bytesRead: Math.min(length, medium.length - offset) });
    },
    sync: () => {
      calls.push('fsync');
      if (!fails.includes(++syncs)) return Promise.resolve();
      return Promise.reject(Object.assign(new Error('fsync'), { code: 'EIO' }));
    },
  } as unknown as FileHandle;
  const dropCache = () => {
    calls.push('drop');
    return Promise.resolve();
  };
  const facts = { size: medium.length, blockSize: BLOCK, direct, dropCache, syncs: hasSync };
  return { device: new BlockDevice(handle, new AlignedMemory().scratch, facts), calls, medium };
}

const bytes = new Uint8Array(3 * BLOCK).map((_, index) => index % 251);

test('a direct write has reached the device when it returns', async () => {
  const { device: direct, calls, medium } = device(true);
  await direct.write(BLOCK, bytes);
  expect(calls).toEqual(['write', 'write']);
  expect(Buffer.compare(medium.subarray(BLOCK, 4 * BLOCK), bytes)).toBe(0);
});

test.each([9, -9])(
  'the clock set by %i hours during a write does not count as waiting',
  async (hours) => {
    const taken = Promise.withResolvers<{ bytesWritten: number }>();
    const handle = { write: () => taken.promise } as unknown as FileHandle;
    const facts = { size: BLOCK, blockSize: BLOCK, direct: true, dropCache: () => taken.promise };
    const slow = new BlockDevice(handle, new AlignedMemory().scratch, facts as never);
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    try {
      const written = slow.write(0, new Uint8Array(BLOCK));
      vi.setSystemTime(Date.now() + hours * 3_600_000);
      vi.advanceTimersByTime(4_000);
      expect(slow.waiting).toBe(4_000);
      taken.resolve({ bytesWritten: BLOCK });
      await written;
      expect(slow.waiting).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  },
);

test('a write through the cache is followed by an fsync, and a read by none of the cache', async () => {
  const { device: buffered, calls } = device(false);
  await buffered.write(0, bytes);
  expect(calls).toEqual(['write', 'write', 'fsync']);
  expect(Buffer.compare(await buffered.read(0, bytes.length), bytes)).toBe(0);
  await buffered.read(0, 1);
  expect(calls.slice(3)).toEqual(['drop', 'read', 'read']);
});

test('no fsync that fails is overlooked, though the next one succeeds', async () => {
  const { device: buffered } = device(false, [2]);
  await buffered.write(0, bytes);
  await expect(buffered.write(3 * BLOCK, bytes)).rejects.toMatchObject({ code: 'EIO' });
  await buffered.flush();
});

test.each([
  [0, 1],
  [BLOCK - 1, 2],
  [5, 3 * BLOCK],
  [16 * BLOCK - 1, 1],
])('an overwrite at %i of %i bytes changes nothing around them', async (offset, length) => {
  const { device: direct, medium } = device(true);
  medium.fill(0xaa);
  await direct.overwrite(offset, new Uint8Array(length).fill(1));
  const expected = Buffer.alloc(16 * BLOCK, 0xaa).fill(1, offset, offset + length);
  expect(Buffer.compare(medium, expected)).toBe(0);
});

test('where fsync fails on devices, none is asked for', async () => {
  const { device: open, calls } = device(true, [1], false);
  await open.flush();
  expect(calls).toEqual([]);
});
