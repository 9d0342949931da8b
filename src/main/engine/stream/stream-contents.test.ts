import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sha256 } from '../../../../test/support/image-factory.ts';
import { newRingMemory, WindowRing } from '../pool/window.ts';
import { FanOut } from '../emit/fan-out.ts';
import type { Output } from '../emit/output.ts';
import { streamContents } from './stream-contents.ts';
import type { ContentFile, FilledWindow } from '../content/segments.ts';

const SIZE = 1000;
const content = (fileIndex: number) => Buffer.alloc(SIZE, fileIndex + 1);
const files: ContentFile[] = Array.from({ length: 40 }, (_, fileIndex) => ({
  size: SIZE,
  contentDigest: { sha256: sha256(content(fileIndex)), of: 'plain' },
}));

/** One file a window from a ring of three; `state` says how many windows are out. */
async function* source(
  state: { out: number; most: number },
  edit: (fileIndex: number, bytes: Buffer) => void = () => undefined,
): AsyncGenerator<FilledWindow> {
  const ring = new WindowRing(newRingMemory(3, SIZE));
  for (let fileIndex = 0; fileIndex < files.length; fileIndex++) {
    const index = await ring.take();
    state.most = Math.max(state.most, ++state.out);
    const memory = ring.window(index);
    const bytes = content(fileIndex);
    edit(fileIndex, bytes);
    new Uint8Array(memory).set(bytes);
    yield {
      memory,
      segments: [{ fileIndex, from: 0, start: 0, length: SIZE }],
      release() {
        state.out--;
        ring.release(index);
      },
    };
  }
}

/** Gets the bytes of every window as they come. */
function consumerOf(accept: Output['accept']): FanOut {
  const done = () => Promise.resolve();
  const output = { prepare: done, finish: done, commit: done, close: done };
  return new FanOut([{ name: 'x', pending: 0, accept, ...output }], null, (_, error) => {
    throw error;
  });
}

test('a slow consumer gets every byte in order, and no more memory is used', async () => {
  const state = { out: 0, most: 0 };
  const seen: number[] = [];
  let bytesDone = 0;
  await streamContents(files, [source(state)], {
    consumer: consumerOf(async (fileIndex, from, bytes) => {
      await setTimeout(1);
      expect([from, bytes.length, bytes[0]]).toEqual([0, SIZE, fileIndex + 1]);
      seen.push(fileIndex);
    }),
    onWrong: ({ fileIndex }) => {
      throw new Error(`file ${fileIndex} is right`);
    },
    onProgress: (bytes) => (bytesDone += bytes),
  });
  expect(seen).toEqual(files.map((_, fileIndex) => fileIndex));
  expect(bytesDone).toBe(files.length * SIZE);
  expect(state.most).toBeLessThanOrEqual(3);
  expect(state.out).toBe(0);
});

test('a file that is never delivered is not taken for checked', async () => {
  const state = { out: 0, most: 0 };
  const more = [
    ...files,
    { size: SIZE, contentDigest: { sha256: sha256(content(40)), of: 'plain' } as const },
  ];
  await expect(streamContents(more, [source(state)], { onWrong: () => undefined })).rejects.toThrow(
    '1 files were not delivered',
  );
});

test('wrong contents are all named, or end it where that throws', async () => {
  const wrong: number[] = [];
  const spoil = (fileIndex: number, bytes: Buffer) => {
    if (fileIndex % 10 === 3) bytes[SIZE - 1] = 0;
  };
  const onWrong = ({ fileIndex }: { fileIndex: number }) => void wrong.push(fileIndex);
  await streamContents(files, [source({ out: 0, most: 0 }, spoil)], { onWrong });
  expect(wrong.sort((a, b) => a - b)).toEqual([3, 13, 23, 33]);
  const ending = streamContents(files, [source({ out: 0, most: 0 }, spoil)], {
    onWrong: ({ fileIndex }) => {
      throw new Error(`file ${fileIndex} is wrong`);
    },
  });
  await expect(ending).rejects.toThrow(/file \d+ is wrong/);
});

test('what the consumer, the source or the caller throws ends it', async () => {
  const onWrong = () => undefined;
  const consumer = consumerOf(() => Promise.reject(new Error('disk full')));
  await expect(
    streamContents(files, [source({ out: 0, most: 0 })], { onWrong, consumer }),
  ).rejects.toThrow('disk full');
  const failing = async function* (): AsyncGenerator<FilledWindow> {
    yield* source({ out: 0, most: 0 });
    await Promise.reject(new Error('unreadable'));
  };
  await expect(streamContents(files, [failing()], { onWrong })).rejects.toThrow('unreadable');
  const controller = new AbortController();
  const aborting = streamContents(files, [source({ out: 0, most: 0 })], {
    onWrong,
    signal: controller.signal,
    consumer: consumerOf((fileIndex) => {
      if (fileIndex === 5) controller.abort();
      return Promise.resolve();
    }),
  });
  await expect(aborting).rejects.toMatchObject({ name: 'AbortError' });
});

test('empty files are checked without a window', async () => {
  const wrong: number[] = [];
  const empty: ContentFile[] = [
    { size: 0, contentDigest: { sha256: sha256(Buffer.alloc(0)), of: 'plain' } },
    { size: 0, contentDigest: { sha256: sha256(Buffer.from('x')), of: 'plain' } },
    { size: 0, contentDigest: { sha256: sha256(Buffer.alloc(0)), of: 'zstd' } },
  ];
  await streamContents(empty, [], { onWrong: ({ fileIndex }) => void wrong.push(fileIndex) });
  expect(wrong).toEqual([1, 2]);
});
