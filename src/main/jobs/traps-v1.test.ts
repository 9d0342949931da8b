import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { issue, LEAF_EXTENSIONS, openssl, type Identity } from '../../../test/support/pki.ts';
import { sharedTmpFolder, tmpFolder } from '../../../test/support/tmp.ts';
import { describeNeeding, testNeeding, tool } from '../../../test/support/tools.ts';
import { offlineServer, playClient } from '../../../test/support/v1-client.ts';
import {
  filter,
  makeImage,
  packImage,
  sha256,
  zstd,
  type ImageSpec,
} from '../../../test/support/v1-image.ts';
import { inspect } from '../engine/inspect/inspect.ts';
import { build } from './build.ts';
import { checkTarget } from './check.ts';

const tar = tool('tar');
const zstdTool = tool('zstd');
const MIB = 1024 * 1024;
const context = { signal: new AbortController().signal, onProgress: () => undefined };
const TEXT = Buffer.from('compressible '.repeat(300));

/** A zstd frame with nothing in it for decoders (RFC 8878, 3.1.2), so that other bytes unpack to the same. */
function skippable(text: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a50, 0);
  head.writeUInt32LE(text.length, 4);
  return Buffer.concat([head, Buffer.from(text)]);
}
const packed = (text: string) => Buffer.concat([zstd(TEXT), skippable(text)]);

describeNeeding([openssl], 'OTA image v1: ', () => {
  const keys = sharedTmpFolder();
  let leaf: Identity;
  beforeAll(() => {
    const root = issue(keys(), { subject: '/CN=root' });
    leaf = issue(keys(), { subject: '/CN=signer', issuer: root, extensions: LEAF_EXTENSIONS });
  });

  type Spec = Omit<ImageSpec, 'chain'>;
  const membersOf = (spec: Spec) => makeImage({ ...spec, chain: [leaf] });

  function pathOf(spec: Spec): string {
    const path = join(tmpFolder(), 'image.bin');
    writeFileSync(path, packImage(membersOf(spec)));
    return path;
  }

  /** Builds a folder from whole images. @returns its path. */
  async function buildFolder(...paths: string[]): Promise<string> {
    const path = join(tmpFolder(), 'out');
    const images = paths.map((p) => ({ path: p, ecuId: null, version: null, releaseKey: null }));
    const outputs = [{ kind: 'folder' as const, path }];
    await build({ images, outputs, caDir: null, checkSignature: true, timestamp: 1 }, context);
    return path;
  }

  /** What clients of the ECUs find wrong, and verify. */
  async function faultsIn(folder: string, ...ecus: string[]): Promise<unknown[]> {
    const read = (path: string) =>
      existsSync(join(folder, path)) ? readFileSync(join(folder, path)) : null;
    const clients = ecus.flatMap((ecu, i) => playClient(offlineServer(read, i), ecu).faults);
    return [...clients, ...(await checkTarget(folder, context)).faults];
  }

  /** One file, whose compressed form is `stored`. */
  const oneFile = (ecuId: string, stored: Buffer, more: Partial<Spec> = {}): Spec => ({
    payloads: [{ ecuId, files: { '/line\nfeed': TEXT } }],
    store(resources) {
      resources.row(TEXT, filter('c', resources.plain(stored), 'zstd'));
    },
    ...more,
  });

  test('of two encodings of one file the first is kept, and both clients are content', async () => {
    const [a, b] = [pathOf(oneFile('a', packed('a'))), pathOf(oneFile('b', packed('bb')))];
    for (const [order, ecus, kept] of [
      [[a, b], ['a', 'b'], packed('a')],
      [[b, a], ['b', 'a'], packed('bb')],
    ] as const) {
      const folder = await buildFolder(...order);
      expect(readFileSync(join(folder, 'data', `${sha256(TEXT)}.zst`)).equals(kept)).toBe(true);
      expect(await faultsIn(folder, ...ecus)).toEqual([]);
    }
  });

  test('the one that is kept must be right, whatever the other is', async () => {
    const wrong = pathOf(oneFile('a', zstd(Buffer.from(TEXT).fill('x', 9, 10))));
    const good = pathOf(oneFile('b', packed('b')));
    await expect(buildFolder(wrong, good)).rejects.toMatchObject({ code: 'blob-corrupt' });
  });

  test('a blob that unpacks to the right file is refused all the same when it has changed', async () => {
    const path = `blobs/sha256/${sha256(packed('a'))}`;
    const spoil = { members: (members: Map<string, Uint8Array>) => members.set(path, packed('b')) };
    const spoiled = pathOf(oneFile('a', packed('a'), { spoil }));
    await expect(buildFolder(spoiled)).rejects.toMatchObject({ code: 'blob-corrupt' });
    await buildFolder(pathOf(oneFile('a', packed('a'))));
  });

  test('a .zst that unpacks to more than its file is refused in bounded memory', async () => {
    const bomb = pathOf(oneFile('a', zstd(Buffer.alloc(64 * MIB))));
    await expect(buildFolder(bomb)).rejects.toMatchObject({ code: 'blob-corrupt' });
    const bundle = pathOf({
      payloads: [{ ecuId: 'a', files: { '/part': TEXT } }],
      store(resources) {
        const whole = Buffer.concat([TEXT, TEXT]);
        const stored = resources.plain(zstd(Buffer.alloc(64 * MIB)));
        const id = resources.row(whole, filter('c', stored, 'zstd'));
        resources.row(TEXT, filter('b', id, 0, TEXT.length));
      },
    });
    await expect(buildFolder(bundle)).rejects.toMatchObject({ code: 'resource-corrupt' });
  });

  test('the compressed form of a file that is also asked for itself has both names', async () => {
    const stored = packed('both');
    const both = [`${sha256(TEXT)}.zst`, sha256(stored)];
    const sliced = Buffer.concat([stored, Buffer.from('more')]);
    const files = { '/text': TEXT };
    const specs: [string, Partial<Spec>][] = [
      ['a file', { payloads: [{ ecuId: 'a', files: { ...files, '/packed': stored } }] }],
      ['sys_config', { payloads: [{ ecuId: 'a', files, sysConfig: stored }] }],
      [
        'a slice',
        {
          payloads: [{ ecuId: 'a', files: { ...files, '/sliced': sliced } }],
          store(resources) {
            resources.row(TEXT, filter('c', resources.plain(stored), 'zstd'));
            resources.sliced(sliced, stored.length);
          },
        },
      ],
    ];
    for (const [why, more] of specs) {
      const folder = await buildFolder(pathOf(oneFile('a', stored, more)));
      expect(readdirSync(join(folder, 'data')), why).toEqual(expect.arrayContaining(both));
      expect(await faultsIn(folder, 'a'), why).toEqual([]);
    }
    const alone = await buildFolder(pathOf(oneFile('a', stored)));
    expect(readdirSync(join(alone, 'data'))).toContain(both[0]);
    expect(readdirSync(join(alone, 'data'))).not.toContain(both[1]);
  });

  test('every way to keep a file comes out at a client, repeated slices too', async () => {
    const half = Buffer.from(TEXT.subarray(0, 2000));
    const twice = Buffer.concat([half, half, Buffer.from('end')]);
    const small = [Buffer.from('a'.repeat(99)), Buffer.from('b'.repeat(98))];
    const tails = [Buffer.from('c'.repeat(97)), Buffer.from('d'.repeat(96))];
    const more = [Buffer.from('e'.repeat(95)), Buffer.from('f'.repeat(94))];
    const all = [twice, TEXT, ...small, ...tails, ...more, Buffer.alloc(0), Buffer.from('inlined')];
    const folder = await buildFolder(
      pathOf({
        payloads: [{ ecuId: 'a', files: Object.fromEntries(all.map((c, i) => [`/${i}\n`, c])) }],
        store(resources) {
          resources.sliced(twice, 2000);
          resources.compressedSliced(TEXT, 20);
          resources.bundled(small, (bundle) => resources.plain(bundle));
          resources.bundled(tails, (bundle) => resources.sliced(bundle, 50));
          resources.bundled(more, (bundle) => resources.compressedSliced(bundle, 20));
        },
      }),
    );
    expect(await faultsIn(folder, 'a')).toEqual([]);
    // The compressed and sliced bundle, and what lies in bundles, are no files of their own.
    for (const bytes of [TEXT, twice, ...small, ...tails, ...more])
      for (const name of [sha256(bytes), `${sha256(bytes)}.zst`])
        expect(existsSync(join(folder, 'data', name))).toBe(false);
  });

  test.each<[string, string | number | undefined, string]>([
    ['a text', '1.0', '1.0'],
    ['a number', 3, '3'],
    ['nothing', undefined, ''],
  ])('a project version that is %s is reported as text', async (_, version, expected) => {
    const key = 'vnd.tier4.pilot-auto.project.version';
    const path = pathOf(
      oneFile('a', packed('a'), {
        spoil: { index: (index) => (index.annotations = { [key]: version }) },
      }),
    );
    const folder = await buildFolder(path);
    const manifest = readFileSync(join(folder, 'manifest.json'), 'utf8');
    expect(manifest).toContain(`"image_version":"${expected}"`);
  });

  test('an image that also serves old clients is read as v1', async () => {
    const path = pathOf(
      oneFile('a', packed('a'), {
        spoil: {
          members(members) {
            for (const name of ['metadata.jwt', 'certificate.pem', 'data/opt/ota/client'])
              members.set(name, Buffer.from(name));
          },
        },
      }),
    );
    const { report } = await inspect(path, { caDir: null, checkSignature: true });
    expect([report.format, report.payloads[0]?.ecuId]).toEqual(['v1', 'a']);
    expect(readdirSync(join(await buildFolder(path), 'meta/0')).sort()).toEqual([
      'index.json',
      'index.jwt',
      'oci-layout',
    ]);
  });

  test('tables with more slices than memory is meant for are refused', async () => {
    const one = Buffer.from('x');
    // A filter has up to 1 MiB, and each of its bytes names a slice.
    const spec = (sizes: readonly number[]): Spec => ({
      payloads: [
        {
          ecuId: 'a',
          files: Object.fromEntries(sizes.map((size) => [`/${size}`, Buffer.alloc(size, 'x')])),
        },
      ],
      store(resources) {
        const id = resources.plain(one);
        for (const size of sizes) {
          const head = Buffer.from([0x73, 0x3a, 0xdd, 0, 0, 0, 0]);
          head.writeUInt32BE(size, 3);
          resources.row(Buffer.alloc(size, 'x'), Buffer.concat([head, Buffer.alloc(size, id)]));
        }
      },
    });
    await expect(buildFolder(pathOf(spec([1_010_000])))).rejects.toMatchObject({
      code: 'table-invalid',
    });
    await buildFolder(pathOf(spec([1000])));
  });

  testNeeding([tar, zstdTool], 'a folder and every tar of it are the same image', async () => {
    const members = membersOf({
      ...oneFile('a', packed('a')),
      payloads: [{ ecuId: 'a', files: { '/text': TEXT, '/plain': Buffer.alloc(99, 1) } }],
      store(resources) {
        resources.row(TEXT, filter('c', resources.plain(packed('a')), 'zstd'));
        resources.bundled([Buffer.alloc(99, 1)], (bundle) => resources.compressed(bundle));
      },
    });
    const place = tmpFolder();
    for (const [name, bytes] of members) {
      mkdirSync(dirname(join(place, 'image', name)), { recursive: true });
      writeFileSync(join(place, 'image', name), bytes);
    }
    writeFileSync(join(place, 'zip.tar.gz'), packImage(members));
    const pack = (name: string, ...how: string[]) =>
      execFileSync(tar.path, ['cf', join(place, name), ...how, '-C', join(place, 'image'), '.']);
    pack('plain.zip');
    pack('gz.zip', '-z');
    pack('zst.tgz', '--zstd');
    const lists = await Promise.all(
      ['zip.tar.gz', 'image', 'plain.zip', 'gz.zip', 'zst.tgz'].map(async (name) => {
        const { report } = await inspect(join(place, name), { caDir: null, checkSignature: true });
        const folder = await buildFolder(join(place, name));
        expect(await faultsIn(folder, 'a')).toEqual([]);
        return [report.container, readdirSync(join(folder, 'data')).sort()] as const;
      }),
    );
    const containers = ['zip', 'folder', 'tar', 'gzip', 'zstd'];
    expect(lists.map(([container]) => container)).toEqual(containers);
    for (const [, names] of lists) expect(names).toEqual(lists[0]?.[1]);
  });
});
