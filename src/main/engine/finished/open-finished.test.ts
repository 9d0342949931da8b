import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { cli, put, SAMPLE_IMAGES, SAMPLES } from '../../../../test/support/cli.ts';
import { mkfsTool, run } from '../../../../test/support/ext4/oracles.ts';
import { contentsOf } from '../../../../test/support/extracted.ts';
import { seededBytes } from '../../../../test/support/image-factory.ts';
import { packTar } from '../../../../test/support/tar-writer.ts';
import { sharedTmpFolder, tmpFolder } from '../../../../test/support/tmp.ts';
import { testNeeding } from '../../../../test/support/tools.ts';
import type { FinishedImage } from './finished-image.ts';
import { openFinished } from './open-finished.ts';

const shared = sharedTmpFolder();

/** One build in three forms; the folder is what the others are compared with. */
const FORMS = { tar: 'x.tar', img: 'x.img', folder: 'x' } as const;

beforeAll(async () => {
  const outputs = ['x.tar', 'x.img', 'x/'].flatMap((name) => ['-o', `${shared()}/${name}`]);
  const { exit, stderr } = await cli([...SAMPLE_IMAGES, ...outputs], { cwd: SAMPLES });
  expect(exit, stderr).toBe(0);
});

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

async function withImage(path: string, use: (image: FinishedImage) => Promise<void>) {
  const image = await openFinished(path);
  try {
    await use(image);
  } finally {
    await image.close();
  }
}

describe.each(Object.entries(FORMS))('a finished %s', (kind, name) => {
  test('has the files of the folder, byte for byte, and its manifest', () =>
    withImage(join(shared(), name), async (image) => {
      expect(image.kind).toBe(kind);
      const folder = contentsOf(join(shared(), 'x'));
      const files = [...folder].filter(([, content]) => Buffer.isBuffer(content));
      expect(new Set(image.files.keys())).toEqual(new Set(files.map(([path]) => path)));
      for (const [path, content] of files) {
        expect(image.files.get(path)).toBe(content.length);
        expect(Buffer.compare(await bytesOf(image.stream(path)), content as Buffer), path).toBe(0);
      }
      const manifest: unknown = JSON.parse((folder.get('manifest.json') as Buffer).toString());
      expect(image.manifest).toEqual(manifest);
    }));

  test('gives ranges, also several at once', () =>
    withImage(join(shared(), name), async (image) => {
      const [path, size] = [...image.files].find(([, bytes]) => bytes > 1000) ?? ['', 0];
      const whole = readFileSync(join(shared(), 'x', path));
      const ranges = Array.from({ length: 20 }, (_, i) => {
        const offset = Math.floor((size * i) / 20);
        return { offset, length: Math.min(size - offset, 7 * i) };
      });
      const found = await Promise.all(
        ranges.map(({ offset, length }) => image.read(path, offset, length)),
      );
      for (const [i, { offset, length }] of ranges.entries())
        expect(Buffer.from(found[i] ?? [])).toEqual(whole.subarray(offset, offset + length));
      const tail = await bytesOf(image.stream(path, { offset: size - 9, length: 9 }));
      expect(tail).toEqual(whole.subarray(-9));
    }));

  test('refuses a path that it lacks and a range beyond the end', () =>
    withImage(join(shared(), name), async (image) => {
      const size = image.files.get('manifest.json') ?? 0;
      await expect(image.read('data/absent', 0, 1)).rejects.toThrow(RangeError);
      await expect(image.read('../x.tar', 0, 1)).rejects.toThrow(RangeError);
      await expect(image.read('manifest.json', 1, size)).rejects.toThrow(RangeError);
      await expect(image.read('manifest.json', -1, 1)).rejects.toThrow(RangeError);
      await expect(bytesOf(image.stream('data/absent'))).rejects.toThrow(RangeError);
      expect(await image.read('manifest.json', size, 0)).toHaveLength(0);
    }));

  test('a cancel ends a stream', () =>
    withImage(join(shared(), name), async (image) => {
      const cancelled = AbortSignal.abort(new Error('cancelled'));
      const pieces = image.stream('manifest.json', { offset: 0, length: 1 }, cancelled);
      await expect(bytesOf(pieces)).rejects.toThrow('cancelled');
    }));
});

test('pieces of a stream have at most 1 MiB', async () => {
  const folder = tmpFolder();
  const content = seededBytes(1, 3 * 1024 * 1024 + 1);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const tar = packTar([
    { name: './manifest.json', content: Buffer.from('{}') },
    { name: `./data/${sha256}`, content },
  ]);
  await withImage(put(folder, 'x.tar', tar), async (image) => {
    expect(image.manifest).toBeNull();
    const sizes: number[] = [];
    for await (const piece of image.stream(`data/${sha256}`)) sizes.push(piece.length);
    expect(sizes).toEqual([1 << 20, 1 << 20, 1 << 20, 1]);
  });
});

testNeeding([mkfsTool], 'a file with holes reads as zeros there, in ranges, too', async () => {
  const folder = tmpFolder();
  const root = join(folder, 'root');
  mkdirSync(join(root, 'data'), { recursive: true });
  const file = openSync(join(root, 'data', 'holey'), 'w');
  for (let at = 0; at < 40; at += 3) writeSync(file, seededBytes(at + 1, 5000), 0, 5000, at * 4096);
  ftruncateSync(file, 50 * 4096 + 1);
  closeSync(file);
  const path = join(folder, 'x.img');
  const options = ['-q', '-F', '-L', 'ota_cache_src', '-O', '^has_journal', '-d', root];
  expect(run(mkfsTool, [...options, path, '16M'])).toMatchObject({ status: 0 });
  const whole = readFileSync(join(root, 'data', 'holey'));
  await withImage(path, async (image) => {
    expect(await bytesOf(image.stream('data/holey'))).toEqual(whole);
    for (let offset = 0; offset < whole.length; offset += 9973) {
      const length = Math.min(whole.length - offset, 20_000);
      const bytes = await image.read('data/holey', offset, length);
      expect(Buffer.from(bytes)).toEqual(whole.subarray(offset, offset + length));
    }
  });
});
