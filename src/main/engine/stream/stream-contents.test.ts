import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sha256 } from '../../../../test/support/image-factory.ts';
import { newRingMemory, WindowRing } from '../pool/window.ts';
import { FanOut } from '../emit/fan-out.ts';
import type { Output } from '../emit/output.ts';
import { checkContents } from './stream-contents.ts';
import type { ContentFile, FilledWindow } from '../content/segments.ts';

const SIZE = 1000;
const content = (file: number) => Buffer.alloc(SIZE, file + 1);
const files: ContentFile[] = Array.from({ length: 40 }, (_, file) => ({
  size: SIZE,
  proof: { sha256: sha256(content(file)), of: 'plain' },
}));

/** One file a window from a ring of three; `state` says how many windows are out. */
async function* source(
  state: { out: number; most: number },
  edit: (file: number, bytes: Buffer) => void = () => undefined,
): AsyncGenerator<FilledWindow> {
  const ring = new WindowRing(newRingMemory(3, SIZE));
  for (let file = 0; file < files.length; file++) {
    const index = await ring.take();
    state.most = Math.max(state.most, ++state.out);
    const memory = ring.window(index);
    const bytes = content(file);
    edit(file, bytes);
    new Uint8Array(memory).set(bytes);
    yield {
      memory,
      segments: [{ file, from: 0, start: 0, length: SIZE }],
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
  await checkContents(files, [source(state)], {
    consumer: consumerOf(async (file, from, bytes) => {
      await setTimeout(1);
      expect([from, bytes.length, bytes[0]]).toEqual([0, SIZE, file + 1]);
      seen.push(file);
    }),
    onWrong: ({ file }) => {
      throw new Error(`file ${file} is right`);
    },
    onProgress: (bytes) => (bytesDone += bytes),
  });
  expect(seen).toEqual(files.map((_, file) => file));
  expect(bytesDone).toBe(files.length * SIZE);
  expect(state.most).toBeLessThanOrEqual(3);
  expect(state.out).toBe(0);
});

test('a file that is never delivered is not taken for checked', async () => {
  const state = { out: 0, most: 0 };
  const more = [
    ...files,
    { size: SIZE, proof: { sha256: sha256(content(40)), of: 'plain' } as const },
  ];
  await expect(checkContents(more, [source(state)], { onWrong: () => undefined })).rejects.toThrow(
    '1 files were not delivered',
  );
});

test('wrong contents are all named, or end it where that throws', async () => {
  const wrong: number[] = [];
  const spoil = (file: number, bytes: Buffer) => {
    if (file % 10 === 3) bytes[SIZE - 1] = 0;
  };
  const onWrong = ({ file }: { file: number }) => void wrong.push(file);
  await checkContents(files, [source({ out: 0, most: 0 }, spoil)], { onWrong });
  expect(wrong.sort((a, b) => a - b)).toEqual([3, 13, 23, 33]);
  const ending = checkContents(files, [source({ out: 0, most: 0 }, spoil)], {
    onWrong: ({ file }) => {
      throw new Error(`file ${file} is wrong`);
    },
  });
  await expect(ending).rejects.toThrow(/file \d+ is wrong/);
});

test('what the consumer, the source or the caller throws ends it', async () => {
  const onWrong = () => undefined;
  const consumer = consumerOf(() => Promise.reject(new Error('disk full')));
  await expect(
    checkContents(files, [source({ out: 0, most: 0 })], { onWrong, consumer }),
  ).rejects.toThrow('disk full');
  const failing = async function* (): AsyncGenerator<FilledWindow> {
    yield* source({ out: 0, most: 0 });
    await Promise.reject(new Error('unreadable'));
  };
  await expect(checkContents(files, [failing()], { onWrong })).rejects.toThrow('unreadable');
  const controller = new AbortController();
  const aborting = checkContents(files, [source({ out: 0, most: 0 })], {
    onWrong,
    signal: controller.signal,
    consumer: consumerOf((file) => {
      if (file === 5) controller.abort();
      return Promise.resolve();
    }),
  });
  await expect(aborting).rejects.toMatchObject({ name: 'AbortError' });
});

test('empty files are checked without a window', async () => {
  const wrong: number[] = [];
  const empty: ContentFile[] = [
    { size: 0, proof: { sha256: sha256(Buffer.alloc(0)), of: 'plain' } },
    { size: 0, proof: { sha256: sha256(Buffer.from('x')), of: 'plain' } },
    { size: 0, proof: { sha256: sha256(Buffer.alloc(0)), of: 'zstd' } },
  ];
  await checkContents(empty, [], { onWrong: ({ file }) => void wrong.push(file) });
  expect(wrong).toEqual([1, 2]);
});
