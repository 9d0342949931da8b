import { copyFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { sharedTmpFolder, tmpFolder } from '../../../test/support/tmp.ts';
import { offlineServer, playClient } from '../../../test/support/v1-client.ts';
import type { CheckReport } from '../../shared/model/job.ts';
import { openInput } from '../engine/archive/open-input.ts';
import { blobPath } from '../engine/inspect/v1/blob-store.ts';
import { build } from './build.ts';
import { checkTarget } from './check.ts';

const FIXTURES = join(import.meta.dirname, '../../../test/fixtures');
const context = { signal: new AbortController().signal, onProgress: () => undefined };

/** Both samples of the newer format and one legacy image, in one folder. */
async function buildMixed(path: string): Promise<void> {
  const image = (name: string, ecuId: string | null) => ({
    path: join(FIXTURES, name),
    ecuId,
    version: null,
    releaseKey: null,
  });
  await build(
    {
      images: [
        image('samples-v1/v1_a.zip', null),
        image('samples-v1/v1_b.zip', null),
        image('samples/p1_image.tgz', 'p1'),
      ],
      outputs: [{ kind: 'folder', path }],
      caDir: null,
      checkSignature: true,
      timestamp: 1_700_000_000,
    },
    context,
  );
}

/** Files by path within a folder. */
const reader = (folder: string) => (path: string) => {
  const full = join(folder, path);
  return existsSync(full) ? readFileSync(full) : null;
};

const ECUS = [
  ['autoware', 0, 173],
  ['main_ecu', 1, 163],
  ['sub_ecu', 2, 41],
] as const;

describe('a client', () => {
  const folder = sharedTmpFolder();
  beforeAll(() => buildMixed(join(folder(), 'out')));

  test.each(ECUS)('of %s gets every file from the finished output', (ecuId, index, files) => {
    const result = playClient(offlineServer(reader(join(folder(), 'out')), index), ecuId);
    expect(result.faults).toEqual([]);
    expect(result.files).toBe(files);
  });

  test('fails where blobs are stored under their own digests', async () => {
    const read = reader(join(folder(), 'out'));
    const input = await openInput(join(FIXTURES, 'samples-v1/v1_b.zip'));
    const blobs = await input.readMany([...input.members.keys()], 1e9);
    const naive = (path: string) =>
      path.startsWith('data/')
        ? (blobs.get(blobPath({ digest: path.slice('data/'.length) })) ?? null)
        : read(path);
    const byIndex = offlineServer(naive, 1);
    const index = blobs.get('index.json') ?? new Uint8Array(0);
    // index.json is no blob; without it the client would not even begin.
    const server = {
      ...byIndex,
      download: (sha256: string, alg: 'zstd' | null) =>
        byIndex.download(sha256, alg) ?? (sha256.startsWith('bb9d84825c6ed2ed') ? index : null),
    };
    const result = playClient(server, 'main_ecu');
    expect(result.faults.length).toBeGreaterThan(100);
    expect(result.files).toBeLessThan(20);
  });
});

describe('verify', () => {
  const folder = sharedTmpFolder();
  beforeAll(() => buildMixed(join(folder(), 'out')));

  /** Verifies a copy of the output with something changed. */
  async function verifyWith(change: (folder: string) => void): Promise<CheckReport> {
    const copy = join(tmpFolder(), 'out');
    cpSync(join(folder(), 'out'), copy, { recursive: true });
    change(copy);
    return checkTarget(copy, context);
  }
  /** A compressed file of main_ecu, and a slice of a file of autoware. */
  const ZST = 'data/64b62a7fd5922c741cf3c3693d0f7928802a624b4b22ccb6eb5b59e9d68d8007.zst';
  const SLICE = 'data/1600483f812c93add3a8d4d0083c3d0c8bdf09acaaeb001cca0f208e2e33a10a';

  test('finds nothing wrong with mixed content', async () => {
    const report = await verifyWith(() => undefined);
    expect(report.faults).toEqual([]);
    expect(report).toMatchObject({ complete: true, faultCount: 0 });
  });

  test('misses files of data/ and of meta/', async () => {
    const paths = [ZST, SLICE, 'meta/2/index.json', 'meta/2/oci-layout'];
    const report = await verifyWith((copy) => {
      for (const path of paths) rmSync(join(copy, path));
    });
    expect(report.complete).toBe(false);
    for (const path of paths)
      expect(report.faults).toContainEqual(expect.objectContaining({ kind: 'missing', path }));
  });

  test('finds a changed byte', async () => {
    const report = await verifyWith((copy) => {
      const bytes = readFileSync(join(copy, ZST));
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      writeFileSync(join(copy, ZST), bytes);
    });
    expect(report.faults).toContainEqual(expect.objectContaining({ kind: 'corrupt', path: ZST }));
  });

  test('finds a blob under the wrong one of its names', async () => {
    const plain = ZST.replace('.zst', '');
    const report = await verifyWith((copy) => {
      copyFileSync(join(copy, ZST), join(copy, plain));
      rmSync(join(copy, ZST));
    });
    expect(report.faults).toContainEqual(expect.objectContaining({ kind: 'missing', path: ZST }));
    expect(report.faults).toContainEqual(
      expect.objectContaining({ kind: 'unexpected', path: plain }),
    );
  });

  test('finds metadata of another image, and a manifest for another ECU', async () => {
    const report = await verifyWith((copy) => {
      copyFileSync(join(copy, 'meta/0/index.json'), join(copy, 'meta/1/index.json'));
      const manifest = readFileSync(join(copy, 'manifest.json'), 'utf8');
      writeFileSync(join(copy, 'manifest.json'), manifest.replace('sub_ecu', 'other'));
    });
    expect(report.faults).toContainEqual(
      expect.objectContaining({ kind: 'corrupt', path: 'meta/1/index.json' }),
    );
    expect(report.faults).toContainEqual(expect.objectContaining({ kind: 'manifest' }));
  });
});
