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
const debugfs = tool('debugfs');
const unzip = tool('unzip');

const v1 = (name: string): ImageRequest => ({
  path: join(FIXTURES, 'samples-v1', name),
  ecuId: null,
  version: null,
  releaseKey: null,
});
const P1: ImageRequest = {
  path: join(FIXTURES, 'samples/p1_image.tgz'),
  ecuId: 'p1',
  version: 'ver_20230808',
  releaseKey: null,
};

const buildTar = (images: readonly ImageRequest[], caDir: string | null) =>
  buildAndList('tar', images, caDir);

/**
 * Builds an output, lets GNU tar or debugfs extract it, and lists what is in it: `sha256 size name`.
 */
async function buildAndList(
  kind: 'tar' | 'img',
  images: readonly ImageRequest[],
  caDir: string | null,
) {
  const folder = tmpFolder();
  const path = join(folder, `out.${kind}`);
  const result = await build(
    {
      images,
      outputs: [kind === 'img' ? { kind, path, size: null } : { kind, path }],
      caDir,
      checkSignature: true,
      timestamp: 1_700_000_000,
    },
    { signal: new AbortController().signal, onProgress: () => undefined },
  );
  if (kind === 'tar') execFileSync(tar.path, ['xf', path, '-C', folder]);
  else execFileSync(debugfs.path, ['-R', `rdump / ${folder}`, path], { stdio: 'pipe' });
  const names = globSync('{data,meta}/**', { cwd: folder }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  const files = names.sort().map((name) => {
    const bytes = readFileSync(join(folder, name));
    return `${createHash('sha256').update(bytes).digest('hex')} ${bytes.length} ${name}`;
  });
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  return { files, manifest, result };
}

function expected(name: string): string[] {
  const path = join(FIXTURES, 'samples-v1/expected', `${name}.files.txt`);
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.filter((line) => !line.endsWith(' manifest.json')).sort(byName);
}

const byName = (a: string, b: string) =>
  (a.split(' ')[2] ?? '') < (b.split(' ')[2] ?? '') ? -1 : 1;
const CA = join(FIXTURES, 'samples-v1/ca');

testNeeding([tar], 'one payload becomes exactly the expected files', async () => {
  const { files, manifest, result } = await buildTar([v1('v1_a.zip')], CA);
  expect(files).toEqual(expected('v1_a'));
  expect(manifest.image_meta).toEqual([
    {
      ecu_id: 'autoware',
      image_version: '1.0.0',
      ota_metadata_version: 1,
      image_format: 'ota-image-v1',
    },
  ]);
  expect(result.images[0]?.signature).toMatchObject({ state: 'anchored', chain: 'testv1' });
});

testNeeding([tar], 'two payloads become two entries in index order', async () => {
  const { files, manifest } = await buildTar([v1('v1_b.zip')], CA);
  expect(files).toEqual(expected('v1_b'));
  expect(manifest.image_meta.map((image) => image.ecu_id)).toEqual(['main_ecu', 'sub_ecu']);
});

testNeeding([tar], 'images of both formats share one data folder', async () => {
  const { files, manifest, result } = await buildTar([v1('v1_a.zip'), v1('v1_b.zip'), P1], null);
  expect(files).toEqual(expected('v1_a+v1_b+p1'));
  expect(manifest.image_meta.map(({ ecu_id, image_format }) => [ecu_id, image_format])).toEqual([
    ['autoware', 'ota-image-v1'],
    ['main_ecu', 'ota-image-v1'],
    ['sub_ecu', 'ota-image-v1'],
    ['p1', undefined],
  ]);
  expect(result.summary.sharedBytes).toBeGreaterThan(0);
  expect(result.images[0]?.warnings).toContainEqual({ code: 'signature-unanchored' });
});

testNeeding([debugfs], 'a filesystem image holds exactly the same', async () => {
  const { files, manifest } = await buildAndList('img', [v1('v1_a.zip'), v1('v1_b.zip'), P1], null);
  expect(files).toEqual(expected('v1_a+v1_b+p1'));
  expect(manifest.image_meta).toHaveLength(4);
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
    .filter(({ proof }) => proof.of === of)
    .sort((a, b) => b.size - a.size)[0];
  if (largest?.place.kind !== 'extent') throw new Error('no such blob');
  const at = largest.place.offset + (largest.size >> 1);
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
