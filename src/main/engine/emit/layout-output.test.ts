import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededBytes } from '../../../../test/support/image-factory.ts';
import type { Layout, Piece } from '../layout/layout.ts';
import type { FilledWindow } from '../content/segments.ts';
import { MemoryTarget } from '../../../../test/support/memory-target.ts';
import { LayoutOutput } from './layout-output.ts';
import type { ContentSources } from './output.ts';

const BLOCK = 4096;

/** What a memory target likes best. */
const { writeBytes: CHUNK_BYTES } = new MemoryTarget(new Uint8Array());

const MANY = 1e9;
const PLACES: ContentSources = {
  inputs: [],
  of: () => ({ input: 0, offset: 0, length: MANY }),
};

/** Failures are what `finish` rejects with. */
const noFailure = (): void => undefined;

/** A device that has taken what it was sent, but not yet written all of it. */
class SlowTarget extends MemoryTarget {
  override readonly pending = 3 * BLOCK;
}

test('what the target still holds counts as pending, beside what is gathered', async () => {
  const layout: Layout = {
    ...{
      size: 4 * BLOCK,
      bytesWritten: 2 * BLOCK,
      wipe: [],
      signature: null,
      commit: null,
      independent: null,
    },
    pieces: () => [{ kind: 'file', offset: 0, fileIndex: 0, from: 0, length: 2 * BLOCK }],
  };
  const target = new SlowTarget(new Uint8Array(layout.size), { blockSize: BLOCK });
  const output = new LayoutOutput(layout, target);
  await output.prepare();
  await output.accept(0, 0, new Uint8Array(BLOCK));
  expect(output.pending).toBe(BLOCK + target.pending);
});

/** Files with gaps, headers and zeros between them, some cut in two, up to several chunks in all. */
const files = fc.array(
  fc.record({
    gap: fc.oneof(fc.constant(0), fc.nat(600), fc.constantFrom(BLOCK, 5 * BLOCK)),
    before: fc.constantFrom('nothing', 'bytes', 'zeros'),
    size: fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 6_000_000 })),
    isCut: fc.boolean(),
    isHere: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);

test.each([false, true])('zeros are written unless they are there (%s)', async (startsZeroed) => {
  const pieces: Piece[] = [
    { kind: 'file', offset: 0, fileIndex: 0, from: 0, length: 100 },
    { kind: 'zeros', offset: 100, length: 5 * BLOCK },
    { kind: 'file', offset: 6 * BLOCK - 7, fileIndex: 1, from: 0, length: 7 },
    { kind: 'zeros', offset: 6 * BLOCK, length: 2 * BLOCK },
  ];
  const size = 8 * BLOCK;
  const layout: Layout = {
    ...{ size, bytesWritten: size, wipe: [], signature: null, commit: null, independent: null },
    pieces: () => pieces,
  };
  const memory = new Uint8Array(size).fill(startsZeroed ? 0 : 0xaa);
  const target = new MemoryTarget(memory, { blockSize: BLOCK, startsZeroed });
  let written = 0;
  const write = target.write.bind(target);
  target.write = (offset, bytes) => {
    written += bytes.length;
    return write(offset, bytes);
  };
  const output = new LayoutOutput(layout, target);
  await output.prepare();
  await output.accept(0, 0, new Uint8Array(100).fill(1));
  await output.accept(1, 0, new Uint8Array(7).fill(2));
  await output.finish();
  const expected = new Uint8Array(size);
  expected.fill(1, 0, 100);
  expected.fill(2, 6 * BLOCK - 7, 6 * BLOCK);
  // What the layout says nothing of may be anything within a block that is begun.
  const said = (bytes: Uint8Array) => [bytes.slice(0, 100 + 5 * BLOCK), bytes.slice(6 * BLOCK - 7)];
  expect(said(memory)).toEqual(said(expected));
  expect(written).toBe(startsZeroed ? 2 * BLOCK : size);
});

/** Metadata of three blocks around a file of two chunks and a bit. */
function layoutApart(onMetadata: () => void = () => undefined): Layout {
  const length = 2 * CHUNK_BYTES + 5;
  const block = (offset: number, seed: number): Piece => ({
    ...{ kind: 'bytes', offset, bytes: seededBytes(seed, BLOCK) },
  });
  function* metadata(): Generator<Piece> {
    yield block(0, 1);
    onMetadata();
    yield { kind: 'zeros', offset: BLOCK, length: 2 * BLOCK };
    yield block(3 * BLOCK, 2);
    yield block(size - BLOCK, 3);
  }
  const size = 6 * BLOCK + 2 * CHUNK_BYTES;
  const files = (): Piece[] => [{ kind: 'file', offset: 4 * BLOCK, fileIndex: 0, from: 0, length }];
  return {
    ...{
      size,
      bytesWritten: size,
      wipe: [],
      signature: null,
      commit: null,
      independent: { metadata, files },
    },
    pieces: () => [...metadata(), ...files()].sort((a, b) => a.offset - b.offset),
  };
}

/** Fills each window a while after it came. */
async function fillWindows(output: LayoutOutput): Promise<void> {
  const content = seededBytes(4, 3 * CHUNK_BYTES);
  for await (const window of output.lend(PLACES, noFailure)) {
    for (const { from, start, length } of window.segments)
      new Uint8Array(window.memory, start, length).set(content.subarray(from, from + length));
    setTimeout(() => window.release(), 5);
  }
}

test('where the target takes any order, files need not wait for the metadata', async () => {
  const writtenOf = async (randomWrites: boolean) => {
    const memory = new Uint8Array(layoutApart().size).fill(0xaa);
    const target = new MemoryTarget(memory, { blockSize: BLOCK, randomWrites });
    const order: number[] = [];
    const write = target.write.bind(target);
    target.write = (offset, bytes) => {
      order.push(offset);
      return write(offset, bytes);
    };
    const output = new LayoutOutput(layoutApart(), target);
    await output.prepare();
    await fillWindows(output);
    await output.finish();
    return { memory, order };
  };
  const ascending = await writtenOf(false);
  const apart = await writtenOf(true);
  expect(Buffer.compare(apart.memory, ascending.memory)).toBe(0);
  expect(ascending.order).toEqual(ascending.order.toSorted((a, b) => a - b));
  expect(apart.order).not.toEqual(apart.order.toSorted((a, b) => a - b));
});

test('metadata that cannot be written fails the output, with that error', async () => {
  const layout = layoutApart();
  const target = new MemoryTarget(new Uint8Array(layout.size), {
    blockSize: BLOCK,
    randomWrites: true,
  });
  const write = target.write.bind(target);
  target.write = (offset, bytes) =>
    offset < 4 * BLOCK ? Promise.reject(new Error('no space')) : write(offset, bytes);
  const output = new LayoutOutput(layout, target);
  await output.prepare();
  await expect(fillWindows(output).then(() => output.finish())).rejects.toThrow('no space');
});

test('an output that is closed early makes no more metadata', async () => {
  let made = 0;
  const layout = layoutApart(() => made++);
  const target = new MemoryTarget(new Uint8Array(layout.size), {
    blockSize: BLOCK,
    randomWrites: true,
  });
  const output = new LayoutOutput(layout, target);
  await output.prepare();
  for await (const window of output.lend(PLACES, noFailure)) {
    expect(window.segments).not.toEqual([]);
    break;
  }
  await output.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(made).toBe(0);
});

test('metadata between and behind files does not wait for what comes after it', async () => {
  // More lone blocks than there are chunks, and a file in the chunk of metadata on both sides of it.
  const lone = (from: number): Piece[] =>
    Array.from({ length: 20 }, (_, i) => ({
      ...{ kind: 'bytes', offset: from + 3 * i * BLOCK, bytes: seededBytes(i, 100) },
    }));
  const pieces: Piece[] = [
    { kind: 'file', offset: 0, fileIndex: 0, from: 0, length: 10 },
    { kind: 'bytes', offset: 10, bytes: seededBytes(1, 20) },
    { kind: 'file', offset: 30, fileIndex: 1, from: 0, length: 10 },
    ...lone(2 * BLOCK),
    { kind: 'file', offset: 100 * BLOCK, fileIndex: 2, from: 0, length: 10 },
    ...lone(102 * BLOCK),
  ];
  const size = 200 * BLOCK;
  const layout: Layout = {
    ...{ size, bytesWritten: size, wipe: [], signature: null, commit: null, independent: null },
    pieces: () => pieces,
  };
  const memory = new Uint8Array(size);
  const output = new LayoutOutput(layout, new MemoryTarget(memory, { blockSize: BLOCK }));
  await output.prepare();
  const released: number[] = [];
  for await (const window of output.lend(
    { inputs: [], of: (fileIndex, from) => ({ input: 0, offset: fileIndex + from, length: MANY }) },
    noFailure,
  )) {
    for (const { fileIndex, start, length } of window.segments) {
      new Uint8Array(window.memory, start, length).fill(fileIndex + 1);
      released.push(fileIndex);
    }
    // As the hash threads do it: when they have come to it, whatever else is asked of them.
    setTimeout(() => window.release(), 5);
  }
  await output.finish();
  expect(released).toEqual([0, 1, 2]);
  const expected = new Uint8Array(size);
  for (const piece of pieces)
    if (piece.kind === 'bytes') expected.set(piece.bytes, piece.offset);
    else if (piece.kind === 'file')
      expected.fill(piece.fileIndex + 1, piece.offset, piece.offset + piece.length);
  expect(Buffer.compare(memory, expected)).toBe(0);
});

test('filled in any order, windows give the bytes that accepting file by file gives', async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.integer({ min: 1, max: 5 }), async (all, ahead) => {
      const pieces: Piece[] = [];
      let offset = 0;
      for (const [fileIndex, { gap, before, size, isCut }] of all.entries()) {
        offset += gap;
        if (before === 'bytes') pieces.push({ kind: 'bytes', offset, bytes: seededBytes(9, 500) });
        if (before === 'zeros') pieces.push({ kind: 'zeros', offset, length: 500 });
        if (before !== 'nothing') offset += 500;
        const cut = isCut ? Math.ceil(size / 2) : size;
        pieces.push({ kind: 'file', offset, fileIndex, from: 0, length: cut });
        offset += cut;
        if (cut === size) continue;
        offset += BLOCK;
        pieces.push({ kind: 'file', offset, fileIndex, from: cut, length: size - cut });
        offset += size - cut;
      }
      const size = Math.ceil(offset / BLOCK) * BLOCK;
      const layout: Layout = {
        ...{ size, bytesWritten: size, wipe: [], signature: null, commit: null, independent: null },
        pieces: () => pieces,
      };
      const make = async () => {
        const memory = new Uint8Array(size).fill(0xaa);
        const output = new LayoutOutput(layout, new MemoryTarget(memory, { blockSize: BLOCK }));
        await output.prepare();
        return { memory, output };
      };
      const content = seededBytes(1, 6_000_100);
      const bytes = all.map(({ size }, fileIndex) => content.subarray(fileIndex, fileIndex + size));

      const one = await make();
      for (const [fileIndex, each] of bytes.entries()) await one.output.accept(fileIndex, 0, each);
      await one.output.finish();

      const two = await make();
      const waiting: FilledWindow[] = [];
      const fillLast = () => {
        const window = waiting.pop();
        if (window === undefined) throw new Error('nothing waits');
        for (const { fileIndex, from, start, length, source } of window.segments) {
          const at = source === undefined ? fileIndex + from : source.offset;
          const run = content.subarray(at, at + length);
          const room = new Uint8Array(window.memory, start, length);
          if (source === undefined) expect(Buffer.compare(room, run)).toBe(0);
          else room.set(run);
        }
        window.release();
      };
      // In memory, or in runs of several lengths.
      const of = (fileIndex: number, from: number) =>
        all[fileIndex]?.isHere === true
          ? (bytes[fileIndex] ?? content).subarray(from)
          : { input: 0, offset: fileIndex + from, length: 1 + ((from * 7 + 1000) % 9000) };
      const windows = two.output.lend({ inputs: [], of }, noFailure);
      for await (const window of windows) {
        waiting.push(window);
        // The last that came is filled first.
        if (waiting.length >= ahead) while (waiting.length > 0) fillLast();
      }
      while (waiting.length > 0) fillLast();
      await two.output.finish();
      expect(two.output.pending).toBe(0);
      expect(Buffer.compare(two.memory, one.memory)).toBe(0);
    }),
    { seed: 20_261_124, numRuns: 40 },
  );
});
