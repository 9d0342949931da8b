import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeIdentity, type MadeIdentity } from '../support/certificate.ts';
import { cli, listAll, put } from '../support/cli.ts';
import { makeImage, packImage, seededBytes, unpackImage } from '../support/image-factory.ts';
import { tmpFolder } from '../support/tmp.ts';
import { describeNeeding, testNeeding, tool } from '../support/tools.ts';
import { packZip, type ZipPart } from '../support/zip.ts';

const tar = tool('tar');
const bsdtar = tool('bsdtar');
const zip = tool('zip');

let root: MadeIdentity;
let identity: MadeIdentity;

beforeAll(() => {
  root = makeIdentity({ isCa: true });
  identity = makeIdentity({ issuer: root });
});

/** Data around holes, as databases and disk images have them. */
function withHoles(): Buffer {
  const content = Buffer.alloc(5 * 1024 * 1024 + 100);
  content.set(seededBytes(1, 70_000), 0);
  content.set(seededBytes(2, 4096), 3 * 1024 * 1024);
  return content;
}

const FILES = [
  { path: '/var/holes', content: withHoles(), compress: false },
  { path: '/var/nothing', content: Buffer.alloc(300_000), compress: false },
  { path: '/etc/plain', content: seededBytes(3, 3000) },
];
const members = () => makeImage({ files: FILES, identity });

describeNeeding([tar], 'an image as a sparse archive', () => {
  test.each([
    ['GNU, plain', ['--format=gnu']],
    ['pax, compressed', ['--format=pax', '--sparse-version=1.0', '-z']],
  ])('of %s makes the same outputs as a plain one', async (_, args) => {
    const folder = tmpFolder();
    const image = join(folder, 'in');
    mkdirSync(image);
    unpackImage([...members(), { name: 'data/unlisted', content: withHoles() }], image);
    const pack = (name: string, ...how: string[]) => {
      const path = join(folder, name);
      execFileSync(tar.path, ['-cf', path, ...how, '-C', image, '.']);
      return ['--image', `p1:${path}`];
    };
    const plain = pack('plain.tar');
    const sparse = pack('sparse.tar', '-S', '--hole-detection=raw', ...args);
    const env = { SOURCE_DATE_EPOCH: '1' };
    const out = (name: string) => join(folder, 'out', name);
    mkdirSync(out(''));
    // One output alone is read in another way than two at once.
    expect((await cli([...plain, '-o', out('a.tar')], { env })).exit).toBe(0);
    expect((await cli([...sparse, '-o', out('b.tar')], { env })).exit).toBe(0);
    expect((await cli([...sparse, '-o', out('c.tar'), '-o', out('c/')], { env })).exit).toBe(0);
    for (const name of ['b.tar', 'c.tar'])
      expect(readFileSync(out(name)).equals(readFileSync(out('a.tar')))).toBe(true);
    expect((await cli(['verify', out('c')])).exit).toBe(0);
  });

  test('with a changed byte, or a hole more, is found to be damaged', async () => {
    const folder = tmpFolder();
    const image = members();
    const packed = (name: string, change: (content: Buffer) => void) => {
      const place = join(folder, name);
      unpackImage(image, place);
      const file = join(place, 'data/var/holes');
      const content = readFileSync(file);
      change(content);
      writeFileSync(file, content);
      const path = join(folder, `${name}.tar`);
      execFileSync(tar.path, ['-cSf', path, '--hole-detection=raw', '-C', place, '.']);
      return path;
    };
    for (const path of [
      packed('a', (content) => (content[3 * 1024 * 1024] = 1 ^ (content[3 * 1024 * 1024] ?? 0))),
      packed('b', (content) => content.fill(0, 4096, 8192)),
    ]) {
      const out = join(tmpFolder(), 'out.tar');
      const result = await cli(['--json', '--image', `p1:${path}`, '-o', out]);
      expect(result.code).toBe('blob-corrupt');
    }
  });
});

testNeeding([bsdtar], 'an image that bsdtar packed with its holes is built', async () => {
  const folder = tmpFolder();
  unpackImage(members(), join(folder, 'in'));
  // Written by unpackImage without holes; cp makes them.
  execFileSync('cp', ['-r', '--sparse=always', join(folder, 'in'), join(folder, 'holes')]);
  const path = join(folder, 'x.tar');
  execFileSync(bsdtar.path, ['--read-sparse', '-cf', path, '-C', join(folder, 'holes'), '.']);
  const out = join(folder, 'out.tar');
  expect((await cli(['--image', `p1:${path}`, '-o', out])).exit).toBe(0);
  expect((await cli(['verify', out])).exit).toBe(0);
});

describe('a legacy image in a zip', () => {
  const inZip = (image = members(), change: (part: ZipPart) => ZipPart = (part) => part) =>
    packZip(
      image.map(({ name, content = new Uint8Array(0) }) =>
        change({ name, content: typeof content === 'function' ? content() : content }),
      ),
    );
  const argsOf = (bytes: Uint8Array, out: string) => [
    ...['--json', '--image', `p1:${put(tmpFolder(), 'x.zip', bytes)}`, '-o', out],
  ];

  test('that stores its files makes the same outputs as a tar archive', async () => {
    const folder = tmpFolder();
    const env = { SOURCE_DATE_EPOCH: '1' };
    // A signature is another one each time.
    const image = members();
    const [a, b] = [join(folder, 'a.tar'), join(folder, 'b.tar')];
    expect((await cli(argsOf(packImage(image), a), { env })).exit).toBe(0);
    expect((await cli(argsOf(inZip(image), b), { env })).exit).toBe(0);
    expect(readFileSync(b).equals(readFileSync(a))).toBe(true);
    expect((await cli(['verify', b])).exit).toBe(0);
  });

  test('with a changed byte is found to be damaged', async () => {
    const bytes = inZip();
    const at = bytes.indexOf(seededBytes(3, 3000));
    bytes[at] = 1 ^ (bytes[at] ?? 0);
    expect((await cli(argsOf(bytes, join(tmpFolder(), 'x.tar')))).code).toBe('blob-corrupt');
  });

  test.each(['en', 'ja'])('that compresses them is refused, with what to do (%s)', async (lang) => {
    const deflated = inZip(members(), (part) => {
      if (part.content.length < 1000) return part;
      const packed = deflateRawSync(part.content);
      const fields = {
        ...{ method: 8, crc32: crc32(part.content) },
        ...{ size: part.content.length, compressedSize: packed.length },
      };
      return { name: part.name, content: packed, local: fields, central: fields };
    });
    const folder = tmpFolder();
    const argv = argsOf(deflated, join(folder, 'x.tar')).filter((each) => each !== '--json');
    const { exit, stderr } = await cli(['--lang', lang, ...argv]);
    expect(exit).toBe(1);
    expect(stderr).toContain('zip -0');
    expect(listAll(folder)).toEqual([]);
  });

  testNeeding([zip], 'of Info-ZIP with -0 is built, and its own compression refused', async () => {
    const folder = tmpFolder();
    unpackImage(members(), join(folder, 'in'));
    const packed = (level: string) => {
      const path = join(folder, `${level}.zip`);
      execFileSync(zip.path, ['-qr', level, path, '.'], { cwd: join(folder, 'in') });
      return ['--json', '--image', `p1:${path}`, '-o', join(folder, `${level}.tar`)];
    };
    expect((await cli(packed('-0'))).exit).toBe(0);
    expect((await cli(['verify', join(folder, '-0.tar')])).exit).toBe(0);
    expect((await cli(packed('-9'))).code).toBe('zip-compressed');
  });
});

describe('a CA folder', () => {
  const caFolder = (files: Record<string, string>): string => {
    const folder = tmpFolder();
    for (const [name, text] of Object.entries(files)) put(folder, name, text);
    return folder;
  };
  const inspect = (image: string, ca: string, ...more: string[]) =>
    cli(['inspect', '--json', '--ca-dir', ca, ...more, image]);

  test('is read before the images: what is wrong with it is reported at once', async () => {
    const missing = join(tmpFolder(), 'none.tar');
    const ca = caFolder({ 'a.root.pem': 'nonsense' });
    expect((await inspect(missing, ca)).code).toBe('ca-unreadable');
    const out = join(tmpFolder(), 'x.tar');
    const built = await cli(['--json', '--image', `p1:${missing}`, '--ca-dir', ca, '-o', out]);
    expect(built.code).toBe('ca-unreadable');
    expect(listAll(tmpFolder())).toEqual([]);
    // Where signatures are not checked it is of no use.
    expect((await inspect(missing, ca, '--no-signature-check')).code).toBe('input-not-found');
  });

  test('with an intermediate without its root is used, with a warning', async () => {
    const image = put(tmpFolder(), 'x.tar', packImage(members()));
    const ca = caFolder({
      'a.root.pem': root.pem,
      'b.intermediate.pem': identity.pem,
      '._a.root.pem': 'attributes',
    });
    const result = await inspect(image, ca);
    expect(result.exit).toBe(0);
    const warnings = result.events.filter(({ kind }) => kind === 'warning');
    expect(warnings).toEqual([
      { kind: 'warning', text: expect.stringContaining('b.root.pem') as string },
    ]);
    expect(result.events.find(({ kind }) => kind === 'image')).toMatchObject({
      report: { signature: { state: 'anchored', chain: 'a' } },
    });
  });
});
