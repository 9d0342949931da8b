import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tmpFolder } from '../../../test/support/tmp.ts';
import { testNeeding, tool } from '../../../test/support/tools.ts';
import type { ImageRequest } from '../../shared/model/job.ts';
import type { Manifest } from '../../shared/model/manifest.ts';
import { inspect } from '../engine/inspect/inspect.ts';
import { build } from './build.ts';

const FIXTURES = join(import.meta.dirname, '../../../test/fixtures');
const tar = tool('tar');
const unzip = tool('unzip');

const v1 = (name: string): ImageRequest => ({
  path: join(FIXTURES, 'samples-v1', name),
  ecuId: null,
  version: null,
  releaseKey: null,
});

/** Builds a tar, lets GNU tar extract it, and lists what is in it: `sha256 size name`. */
async function buildTar(images: readonly ImageRequest[], caDir: string | null) {
  const folder = tmpFolder();
  const path = join(folder, 'out.tar');
  const outputs = [{ kind: 'tar' as const, path }];
  await build(
    { images, outputs, caDir, checkSignature: true, timestamp: 1_700_000_000 },
    { signal: new AbortController().signal, onProgress: () => undefined },
  );
  execFileSync(tar.path, ['xf', path, '-C', folder]);
  const names = globSync('{data,meta}/**', { cwd: folder }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  const files = names.sort().map((name) => {
    const bytes = readFileSync(join(folder, name));
    return `${createHash('sha256').update(bytes).digest('hex')} ${bytes.length} ${name}`;
  });
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  return { files, manifest };
}

function expected(name: string): string[] {
  const path = join(FIXTURES, 'samples-v1/expected', `${name}.files.txt`);
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.filter((line) => !line.endsWith(' manifest.json')).sort(byName);
}

const byName = (a: string, b: string) =>
  (a.split(' ')[2] ?? '') < (b.split(' ')[2] ?? '') ? -1 : 1;
const CA = join(FIXTURES, 'samples-v1/ca');

test('inspection counts what samples-v1/README.md and the expected lists say', async () => {
  const inspected = (name: string) =>
    inspect(v1(name).path, { caDir: CA, checkSignature: true }).then(({ report }) => report);
  const reports = await Promise.all(['v1_a.zip', 'v1_b.zip'].map(inspected));
  expect(
    reports.flatMap(({ payloads }) =>
      payloads.map((p) => [p.ecuId, p.releaseKey, p.files, p.hardLinkedFiles, p.directories]),
    ),
  ).toEqual([
    ['autoware', 'dev', 173, 4, 9],
    ['main_ecu', 'dev', 163, 4, 9],
    ['sub_ecu', 'prd', 41, 4, 9],
  ]);
  const data = expected('v1_a').filter((line) => line.includes(' data/'));
  expect(reports[0]?.payloads[0]).toMatchObject({
    blobs: data.length,
    compressedBlobs: data.filter((line) => line.endsWith('.zst')).length,
    storedBytes: data.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0),
  });
});

testNeeding([tar], 'one payload of several can be taken', async () => {
  const { files, manifest } = await buildTar([{ ...v1('v1_b.zip'), ecuId: 'sub_ecu' }], CA);
  expect(manifest.image_meta).toHaveLength(1);
  expect(expected('v1_b')).toEqual(
    expect.arrayContaining(files.filter((line) => line.includes('data/'))),
  );
  expect(files.length).toBeLessThan(expected('v1_b').length - 3);
});

testNeeding(
  [tar, unzip],
  'an image is the same from a folder and from a compressed tar of it',
  async () => {
    const folder = tmpFolder();
    execFileSync(unzip.path, ['-q', v1('v1_a.zip').path, '-d', join(folder, 'a')]);
    execFileSync(tar.path, ['czf', join(folder, 'a.tgz'), '-C', join(folder, 'a'), '.']);
    for (const path of [join(folder, 'a'), join(folder, 'a.tgz')]) {
      const { files } = await buildTar([{ ...v1('v1_a.zip'), path }], CA);
      expect(files).toEqual(expected('v1_a'));
    }
  },
);

test.each(['plain', 'zstd'] as const)('a changed %s blob leaves no output', async (of) => {
  const folder = tmpFolder();
  const path = join(folder, 'changed.zip');
  const bytes = readFileSync(v1('v1_a.zip').path);
  const { payloads } = await inspect(v1('v1_a.zip').path, { caDir: null, checkSignature: true });
  const largest = payloads[0]?.blobs
    .filter(({ contentDigest }) => contentDigest.of === of)
    .sort((a, b) => b.size - a.size)[0];
  if (largest?.location.kind !== 'extent') throw new Error('no such blob');
  const at = largest.location.offset + (largest.size >> 1);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  const outputs = [{ kind: 'tar' as const, path: join(folder, 'out.tar') }];
  const request = { outputs, caDir: null, checkSignature: true, timestamp: 1 };
  await expect(
    build(
      { images: [{ ...v1('v1_a.zip'), path }], ...request },
      { signal: new AbortController().signal, onProgress: () => undefined },
    ),
  ).rejects.toMatchObject({ code: expect.stringMatching(/^(blob|resource)-corrupt$/) as string });
  expect(readdirSync(folder)).toEqual(['changed.zip']);
});
