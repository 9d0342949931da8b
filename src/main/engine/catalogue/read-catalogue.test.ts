import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { liveBytes } from '../../../../test/support/live-bytes.ts';
import { makeIdentity } from '../../../../test/support/certificate.ts';
import { makeJwt, quote, sha256 } from '../../../../test/support/image-factory.ts';
import { readCatalogue } from './read-catalogue.ts';
import type { CataloguedFiles } from './served-file.ts';

const hashOf = (i: number): string => createHash('sha256').update(String(i)).digest('hex');
const pathOf = (i: number): string => `/usr/share/${'folder/'.repeat(10)}file ${i}`;

const REGULARS = 'meta/0/regulars.txt';

/** A finished legacy image of which only the metadata is there; each third file is compressed. */
function madeOf(count: number, jwtText = 'x'): CataloguedFiles {
  const lines: string[] = [];
  const files = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const compressed = i % 3 === 0;
    lines.push(`0644,0,0,1,${hashOf(i)},${quote(pathOf(i))},${i},,${compressed ? 'zst' : ''}`);
    files.set(`data/${hashOf(i)}${compressed ? '.zst' : ''}`, compressed ? 7 : i);
  }
  const regulars = Buffer.from(lines.join('\n'));
  const list = (claim: string, name: string, bytes: Uint8Array) => ({
    [claim]: name,
    hash: sha256(bytes),
  });
  const empty = Buffer.alloc(0);
  const claims = [
    ...[{ version: 1 }, { rootfs_directory: 'data' }, { compressed_rootfs_directory: 'data.zst' }],
    ...[list('directory', 'dirs.txt', empty), list('symboliclink', 'symlinks.txt', empty)],
    ...[list('regular', 'regulars.txt', regulars), list('persistent', 'persistents.txt', empty)],
    ...[list('certificate', 'sign.pem', Buffer.from(jwtText))],
  ];
  const contents = new Map<string, Uint8Array>([
    ['manifest.json', empty],
    ['meta/0/metadata.jwt', makeJwt(claims, makeIdentity())],
    [REGULARS, regulars],
  ]);
  for (const [path, bytes] of contents) files.set(path, bytes.length);
  return {
    ...{ name: 'made', files },
    manifest: {
      ...{ schema_version: 1, image_layout_version: 1, build_timestamp: 0 },
      ...{ data_size: 0, data_files_num: 0, meta_size: 0 },
      image_meta: [{ ecu_id: 'a', image_version: '', ota_metadata_version: 1 }],
    },
    readMany(names) {
      const read = new Map<string, Uint8Array>(
        names.map((name) => [name, contents.get(name) ?? empty]),
      );
      // On a disk it takes no memory.
      if (names.includes(REGULARS)) contents.delete(REGULARS);
      return Promise.resolve(read);
    },
  };
}

test('of 300,000 names each is found, and they take less than 150 MB in all', async () => {
  const before = liveBytes();
  const count = 300_000;
  const { catalogue, files } = await (async () => {
    const made = madeOf(count);
    return { catalogue: await readCatalogue(made), files: made.files };
  })();
  const after = liveBytes();
  expect((after - before) / 1e6).toBeLessThan(150);
  expect(files.size).toBe(count + 3);
  const [image] = catalogue.images;
  for (let i = 0; i < count; i += 997) {
    const found = image?.find(`data${pathOf(i)}`);
    expect(found).toMatchObject({ size: i, unpack: i % 3 === 0 });
    expect(found?.path).toBe(`data/${hashOf(i)}${i % 3 === 0 ? '.zst' : ''}`);
  }
  expect(image?.find(`data.zst/${hashOf(3)}.zst`)).toMatchObject({ size: 7, unpack: false });
  expect(image?.find(`data.zst/${hashOf(1)}.zst`)).toBeNull();
  expect(image?.find(`data${pathOf(count)}`)).toBeNull();
  expect(image?.find('regulars.txt')).toMatchObject({ path: 'meta/0/regulars.txt' });
  expect(image?.version).toMatch(/^offline-[0-9a-f]{12}$/);
});

test('another image has another hash of its content', async () => {
  const hashes = [
    (await readCatalogue(madeOf(2))).contentHash,
    (await readCatalogue(madeOf(3))).contentHash,
    (await readCatalogue(madeOf(2, 'y'))).contentHash,
  ];
  expect(new Set(hashes).size).toBe(3);
});
