import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  COMPRESSIONS,
  makeImage,
  packImage,
  sampleFiles,
  withContent,
  type ImageMember,
} from '../../../../test/support/image-factory.ts';
import { tmpFolder } from '../../../../test/support/tmp.ts';
import { testNeeding, tool } from '../../../../test/support/tools.ts';
import { emit } from '../emit/emit.ts';
import { inspect } from '../inspect/inspect.ts';
import type { Output } from '../emit/output.ts';
import type { InspectedImage } from '../inspect/inspected-image.ts';
import { HashPool } from '../pool/hash-pool.ts';
import { atOnce } from '../event-loop.ts';
import { plan, type Plan } from './plan.ts';
import { proveByDigests, ProvenContents } from './proven-contents.ts';

const zstdTool = tool('zstd');
let pool: HashPool;

afterEach(async () => {
  await pool.close();
});

function write(
  members: readonly ImageMember[],
  compression: (typeof COMPRESSIONS)[number],
): string {
  const path = join(tmpFolder(), 'image');
  writeFileSync(path, packImage(members, { compression }));
  return path;
}

async function inspectHashed(path: string): Promise<{ image: InspectedImage; made: Plan }> {
  pool = new HashPool();
  const image = await inspect(path, { caDir: null, checkSignature: false, pool });
  const [payload] = image.payloads;
  if (payload === undefined) throw new Error('the image has a payload');
  const meta = { ecu_id: 'ecu', image_version: '', ota_metadata_version: 1 } as const;
  return { image, made: plan([{ image, payload, meta }], 0) };
}

const members = makeImage({ files: sampleFiles(7) });
/** Keeps what it is given, by path. */
function collector({ files }: Plan, contents: Map<string, Buffer>): Output {
  const nothing = () => Promise.resolve();
  return {
    name: 'memory',
    pending: 0,
    accept(fileIndex, from, bytes) {
      const { path = '', size = 0 } = files[fileIndex] ?? {};
      const content = contents.get(path) ?? Buffer.alloc(size);
      content.set(bytes, from);
      contents.set(path, content);
      return Promise.resolve();
    },
    prepare: nothing,
    finish: nothing,
    commit: nothing,
    close: nothing,
  };
}

const blobs = ({ files }: Plan) => files.filter(({ source }) => source.kind === 'member');

describe('an image that was hashed while it was inspected', () => {
  test.each(COMPRESSIONS.filter((each) => each !== 'none'))(
    '%s: every blob is proved by that alone, and each stored hash is that of the bytes',
    async (compression) => {
      const { image, made } = await inspectHashed(write(members, compression));
      const proven = new ProvenContents();
      expect(atOnce(proveByDigests(made, [image.digests ?? null], proven))).toEqual([]);
      const contents = new Map<string, Buffer>();
      await emit(made, [collector(made, contents)], { hash: false, pool });
      expect(blobs(made).length).toBeGreaterThan(10);
      expect(blobs(made).some(({ contentDigest }) => contentDigest.of === 'zstd')).toBe(true);
      for (const { path, contentDigest } of blobs(made)) {
        const stored = createHash('sha256')
          .update(contents.get(path) ?? '')
          .digest('hex');
        expect(proven.digestOf(path, contentDigest)).toEqual(
          contentDigest.of === 'plain' ? contentDigest : { sha256: stored, of: 'plain' },
        );
      }
    },
  );

  testNeeding(
    [zstdTool],
    'the zstd program unpacks what was proved to what its name says',
    async () => {
      const { image, made } = await inspectHashed(write(members, 'gzip'));
      const proven = new ProvenContents();
      atOnce(proveByDigests(made, [image.digests ?? null], proven));
      const contents = new Map<string, Buffer>();
      await emit(made, [collector(made, contents)], { hash: false, pool });
      for (const { path, contentDigest } of blobs(made).filter(
        (each) => each.contentDigest.of === 'zstd',
      )) {
        const unpacked = execFileSync(zstdTool.path, ['-dc'], { input: contents.get(path) });
        expect(createHash('sha256').update(unpacked).digest('hex')).toBe(contentDigest.sha256);
      }
    },
  );

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['one bit that differs', (bytes) => Buffer.from(bytes.map((b, i) => (i === 9 ? b ^ 1 : b)))],
    ['an end that is missing', (bytes) => bytes.subarray(0, -1)],
    ['nothing but zeros', (bytes) => Buffer.alloc(bytes.length)],
  ])('a blob with %s is left for the hashing that says why', async (_, spoil) => {
    const target = members.find(({ name }) => name.endsWith('.zst'));
    if (target === undefined) throw new Error('the image has a compressed blob');
    const spoilt = withContent(members, target.name, spoil);
    const { image, made } = await inspectHashed(write(spoilt, 'gzip'));
    const proven = new ProvenContents();
    const left = atOnce(proveByDigests(made, [image.digests ?? null], proven));
    expect(left.map(({ path }) => path)).toEqual([`data/${target.name.replace(/.*\//, '')}`]);
    const contentDigest = left[0]?.contentDigest ?? { sha256: '', of: 'plain' };
    expect(proven.digestOf(left[0]?.path ?? '', contentDigest)).toEqual(contentDigest);
    await expect(emit({ ...made, files: left }, [], { pool })).rejects.toThrow('blob-corrupt');
  });

  test('a plain blob of another content is left as well', async () => {
    const content = Buffer.from('a small file');
    const small = makeImage({ files: [{ path: '/etc/small', content }] });
    const spoilt = withContent(small, 'data/etc/small', (bytes) => Buffer.from(bytes).fill(0x61));
    const { image, made } = await inspectHashed(write(spoilt, 'gzip'));
    const left = atOnce(proveByDigests(made, [image.digests ?? null], new ProvenContents()));
    expect(left.map(({ path }) => path)).toEqual([
      `data/${createHash('sha256').update(content).digest('hex')}`,
    ]);
  });

  test('of an image that is not compressed every blob is left', async () => {
    const { image, made } = await inspectHashed(write(members, 'none'));
    const left = atOnce(proveByDigests(made, [image.digests ?? null], new ProvenContents()));
    expect(left).toEqual(blobs(made));
  });
});

describe('a second pass over proved contents', () => {
  test('finds other stored bytes, also such as unpack to the same', async () => {
    const { image, made } = await inspectHashed(write(members, 'gzip'));
    const proven = new ProvenContents();
    atOnce(proveByDigests(made, [image.digests ?? null], proven));
    await emit(made, [], { proven, pool });
    const first = blobs(made).find(({ contentDigest }) => contentDigest.of === 'zstd');
    if (first === undefined) throw new Error('the image has a compressed blob');
    const others = new ProvenContents();
    others.addAll(proven);
    others.add(first, 'f'.repeat(64));
    await expect(emit(made, [], { proven: others, pool })).rejects.toMatchObject({
      data: { code: 'blob-corrupt', params: { name: first.path } },
    });
  });

  test('reports the stored hash of all that it proves, for the next one', async () => {
    const path = write(members, 'none');
    const { made } = await inspectHashed(path);
    const proven = new ProvenContents();
    await emit(made, [], {
      pool,
      onDigest: ({ fileIndex, stored }) => {
        const planned = made.files[fileIndex];
        if (planned !== undefined) proven.add(planned, stored);
      },
    });
    await emit(made, [], { proven, pool });
    const archive = readFileSync(path);
    for (const { path: name, size, source, contentDigest } of blobs(made)) {
      if (source.kind !== 'member' || source.location.kind !== 'extent' || size === 0) continue;
      const { offset } = source.location;
      const stored = createHash('sha256').update(archive.subarray(offset, offset + size));
      expect(proven.digestOf(name, contentDigest).sha256).toBe(stored.digest('hex'));
    }
  });
});
