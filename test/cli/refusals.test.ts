import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/shared/errors.ts';
import { LANGUAGES, translator } from '../../src/shared/messages/index.ts';
import { makeIdentity, type MadeIdentity } from '../support/certificate.ts';
import { cli, listAll, put } from '../support/cli.ts';
import {
  compressArchive,
  makeImage,
  packImage,
  seededBytes,
  sha256,
  unpackImage,
  without,
  withContent,
  zstd,
  type Compression,
  type ImageFile,
  type ImageMember,
  type ImageOptions,
} from '../support/image-factory.ts';
import { memberPieces, packTar, paxPart, type TarPart } from '../support/tar-writer.ts';
import { sharedTmpFolder, tmpFolder } from '../support/tmp.ts';
import { testNeeding, tool } from '../support/tools.ts';

const LARGE = seededBytes(7, 100_000, 'text');
const PLAIN = seededBytes(8, 3000);
const FILES: ImageFile[] = [
  { path: '/etc/plain', content: PLAIN },
  { path: '/etc/empty', content: new Uint8Array(0) },
  { path: '/usr/large', content: LARGE },
  { path: '/usr/link', content: LARGE, linkTo: '/usr/large' },
];
const ZST = `data.zst/${sha256(LARGE)}.zst`;

let identity: MadeIdentity;
const image = (options: Partial<ImageOptions> = {}) =>
  makeImage({ files: FILES, identity, ...options });
const shared = sharedTmpFolder();

beforeAll(() => {
  identity = makeIdentity();
});

interface Refusal {
  readonly exit?: number;
  /** More arguments. */
  readonly args?: readonly string[];
}

/** Codes that were already seen to be said in every language. */
const said = new Set<ErrorCode>();

/**
 * Builds with both kinds of output: nothing may be left, and all must be said; the first time that a code comes up, in
 * both languages.
 */
async function expectRefused(
  path: string,
  code: ErrorCode,
  { exit = 1, args = [] }: Refusal = {},
): Promise<void> {
  const languages = said.has(code) ? (['en'] as const) : LANGUAGES;
  said.add(code);
  for (const language of languages) {
    const out = tmpFolder();
    mkdirSync(join(out, 'folder'));
    const before = listAll(out);
    const result = await cli([
      ...['--json', '--lang', language, '--image', `p1:${path}`],
      ...['-o', join(out, 'x.tar'), '-o', join(out, 'folder'), ...args],
    ]);
    expect(result.code, result.stderr).toBe(code);
    expect(result.exit).toBe(exit);
    expect(listAll(out)).toEqual(before);
    expect(result.events.some(({ kind }) => kind === 'done')).toBe(false);
    const { last } = result;
    if (last?.kind !== 'failed') throw new Error('the last event is no failure');
    const { what, next } = translator(language).error(last.error);
    // A terminal is not shown what could move its cursor.
    const shown = what.replaceAll('\0', String.raw`\u{0}`);
    expect(result.stderr).toContain(`${shown}\n${next}\n`);
    expect(`${what}${next}`).not.toMatch(/[{}]|undefined/);
    if (language === 'ja') expect(what).toMatch(/[ぁ-んァ-ン一-龯]/);
  }
}

/** A member list or bytes as a file. */
function saved(content: readonly ImageMember[] | Uint8Array, compression?: Compression): string {
  const bytes =
    content instanceof Uint8Array
      ? content
      : packImage(content, compression === undefined ? {} : { compression });
  return put(tmpFolder(), 'image.tgz', bytes);
}

test('the image that all others are broken from is accepted', async () => {
  for (const compression of ['none', 'gzip'] as const) {
    const out = tmpFolder();
    const args = ['-o', join(out, 'x.tar'), '-o', join(out, 'folder/')];
    const { exit, stderr } = await cli(['--image', `p1:${saved(image(), compression)}`, ...args]);
    expect(exit, stderr).toBe(0);
    expect(listAll(out)).toContain('x.tar');
    expect(listAll(out)).toContain(`folder/data/${sha256(PLAIN)}`);
    expect((await cli(['verify', join(out, 'x.tar'), join(out, 'folder')])).exit).toBe(0);
  }
});

describe('a blob', () => {
  const flip = (bytes: Buffer) => {
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    return bytes;
  };

  test('that is missing is refused, plain or zst', async () => {
    await expectRefused(saved(without(image(), (n) => n === 'data/etc/plain')), 'blob-missing');
    await expectRefused(saved(without(image(), (n) => n === 'data/etc/empty')), 'blob-missing');
    await expectRefused(saved(without(image(), (n) => n === ZST)), 'blob-missing');
    await expectRefused(
      saved(
        without(image(), (n) => n === ZST),
        'gzip',
      ),
      'blob-missing',
    );
  });

  test('of which one bit flipped is refused', async () => {
    for (const compression of ['none', 'zstd'] as const)
      await expectRefused(
        saved(withContent(image(), 'data/etc/plain', flip), compression),
        'blob-corrupt',
      );
    await expectRefused(saved(withContent(image(), ZST, flip)), 'blob-corrupt');
  });

  test('whose zst holds other content is refused', async () => {
    const other = Buffer.from(LARGE);
    other[1] = (other[1] ?? 0) ^ 1;
    const with_ = (bytes: Uint8Array) => saved(withContent(image(), ZST, () => bytes));
    await expectRefused(with_(zstd(other, 3)), 'blob-corrupt');
    await expectRefused(with_(zstd(LARGE.subarray(0, 50_000), 3)), 'blob-corrupt');
    await expectRefused(with_(zstd(LARGE, 3).subarray(0, -1)), 'blob-corrupt');
    await expectRefused(with_(Buffer.concat([zstd(LARGE, 3), Buffer.from('x')])), 'blob-corrupt');
    await expectRefused(with_(LARGE), 'blob-corrupt');
    await expectRefused(with_(new Uint8Array(0)), 'blob-corrupt');
  });

  test('whose zst unpacks to far more than is listed is refused', async () => {
    const bomb = zstd(new Uint8Array(300_000_000), 3);
    expect(bomb.length).toBeLessThan(100_000);
    await expectRefused(saved(withContent(image(), ZST, () => bomb)), 'blob-corrupt');
  });

  test('of another size than listed is refused', async () => {
    const short = withContent(image(), 'data/etc/plain', (bytes) => bytes.subarray(1));
    await expectRefused(saved(short), 'blob-size-mismatch');
  });

  test('that is a symbolic link is none', async () => {
    const members: TarPart[] = image().map((member) =>
      member.name === 'data/etc/plain'
        ? { name: member.name, type: '2', link: '/etc/passwd' }
        : member,
    );
    await expectRefused(saved(packTar(members)), 'blob-missing');
    const folder = tmpFolder();
    unpackImage(
      without(image(), (name) => name === 'data/etc/plain'),
      folder,
    );
    const elsewhere = put(tmpFolder(), 'plain', PLAIN);
    symlinkSync(elsewhere, join(folder, 'data/etc/plain'));
    await expectRefused(folder, 'blob-missing');
  });

  test('that is a hard link to a missing member is missing', async () => {
    const links = image({
      files: [
        ...FILES,
        { path: '/a/one', content: PLAIN.subarray(5), compress: false },
        { path: '/a/two', content: PLAIN.subarray(5), linkTo: '/a/one', compress: false },
      ],
    });
    const gone = links.filter(({ name }) => name !== 'data/a/one');
    await expectRefused(saved(gone.filter(({ name }) => name !== 'data/a/two')), 'blob-missing');
    await expectRefused(
      saved(packTar(without(links, (name) => name === 'data/a/one'))),
      'blob-missing',
    );
  });
});

test('a blob is found under any of its paths, and through links in any order', async () => {
  const content = PLAIN.subarray(7);
  const paths = ['/a/one', '/a/two', '/b/three'];
  const files = paths.map((path, i) => ({
    ...{ path, content, compress: false },
    ...(i === 0 ? {} : { linkTo: '/a/one' }),
  }));
  const members = image({ files: [...FILES, ...files] });
  const places = new Set(paths.map((path) => `data${path}`));
  const others = members.filter(({ name }) => !places.has(name));
  const link = (name: string, to: string): TarPart => ({ name, type: '1', link: to });
  const file = (name: string): TarPart => ({ name, content });
  const orders: TarPart[][] = [
    [file('data/a/one'), link('data/a/two', 'data/a/one'), link('data/b/three', 'data/a/two')],
    [link('data/b/three', './data/a/two'), link('data/a/two', 'data/a/one'), file('data/a/one')],
    [link('data/a/two', 'elsewhere'), file('data/b/three'), link('data/a/one', 'data/nowhere')],
    [link('data/a/two', 'elsewhere'), file('elsewhere')],
    [file('data/b/three')],
  ];
  for (const [i, parts] of orders.entries()) {
    const compression = i === 1 ? 'zstd' : 'none';
    const path = saved(compressArchive(packTar([...parts, ...others]), compression));
    const out = join(tmpFolder(), 'x.tar');
    const { exit, stderr } = await cli(['--image', `p1:${path}`, '-o', out]);
    expect(exit, stderr).toBe(0);
  }
  const lost = [link('data/a/one', 'data/a/two'), link('data/a/two', 'data/a/one'), ...others];
  await expectRefused(saved(packTar(lost)), 'blob-missing');
});

describe('metadata', () => {
  test('with another signature is refused', async () => {
    const other = makeIdentity();
    const resigned = image().map((member) =>
      member.name === 'metadata.jwt'
        ? (image({ identity: other }).find(({ name }) => name === 'metadata.jwt') ?? member)
        : member,
    );
    // The other signer's metadata names its own certificate.
    await expectRefused(saved(resigned), 'metafile-hash-mismatch');
    const changed = withContent(image(), 'metadata.jwt', (bytes) => {
      const parts = bytes.toString().split('.');
      const signature = Buffer.from(parts[2] ?? '', 'base64url');
      const last = signature.length - 1;
      signature[last] = (signature[last] ?? 0) ^ 1;
      return Buffer.from([parts[0], parts[1], signature.toString('base64url')].join('.'));
    });
    await expectRefused(saved(changed), 'signature-invalid');
    const payload = withContent(image(), 'metadata.jwt', (bytes) => {
      const [head, body, signature] = bytes.toString().split('.');
      const claims = Buffer.from(body ?? '', 'base64url').toString();
      const more = claims.replace('"total_regular_size":"', '"total_regular_size":"9');
      expect(more).not.toBe(claims);
      return Buffer.from([head, Buffer.from(more).toString('base64url'), signature].join('.'));
    });
    await expectRefused(saved(payload), 'signature-invalid');
  });

  test.each(['sign.pem', 'dirs.txt', 'symlinks.txt', 'regulars.txt', 'persistents.txt'])(
    'whose %s was changed or is missing is refused',
    async (name) => {
      const changed = withContent(image(), name, (bytes) =>
        Buffer.concat([bytes, Buffer.from('\n')]),
      );
      await expectRefused(saved(changed), 'metafile-hash-mismatch');
      await expectRefused(saved(without(image(), (n) => n === name)), 'metafile-missing');
    },
  );

  test.each([
    ['rootfs_directory', '/etc'],
    ['rootfs_directory', '../data'],
    ['rootfs_directory', 'a/../../data'],
    ['rootfs_directory', ''],
    ['rootfs_directory', '.'],
    ['rootfs_directory', 'da\0ta'],
    ['compressed_rootfs_directory', '/'],
    ['compressed_rootfs_directory', '..'],
    ['directory', '/dirs.txt'],
    ['symboliclink', '../symlinks.txt'],
    ['regular', 'C:\\regulars.txt'],
    ['persistent', 'x/../../persistents.txt'],
    ['certificate', '/etc/ssl/cert.pem'],
  ])('whose claim %s is %j is refused', async (claim, name) => {
    const members = image({
      editClaims: (claims) =>
        claims.map((each) => (claim in each ? { ...each, [claim]: name } : each)),
    });
    await expectRefused(saved(members), 'name-unsafe');
  });

  const claimCases: [string, (claims: Record<string, unknown>[]) => unknown, ErrorCode][] = [
    ['no version', (claims) => claims.slice(1), 'metadata-invalid'],
    ['version 2', (claims) => [{ version: 2 }, ...claims.slice(1)], 'metadata-version-unsupported'],
    ['a claim twice', (claims) => [...claims, ...claims], 'metadata-invalid'],
    ['one claim twice', (c) => [...c, { rootfs_directory: 'other' }], 'metadata-invalid'],
    ['no regulars', (c) => c.filter((each) => !('regular' in each)), 'metadata-invalid'],
    ['no array', () => ({ version: 1 }), 'metadata-invalid'],
    ['a number as a name', (c) => [...c.slice(0, 5), { rootfs_directory: 5 }], 'metadata-invalid'],
    [
      'a hash that is none',
      (c) => c.map((each) => ('regular' in each ? { ...each, hash: 'abc' } : each)),
      'metadata-invalid',
    ],
    [
      'one file for two claims',
      (c) => c.map((each) => ('directory' in each ? { ...each, directory: 'regulars.txt' } : each)),
      'metadata-invalid',
    ],
    [
      'a file where another has its folder',
      (c) => c.map((each) => ('directory' in each ? { ...each, directory: 'sign.pem/x' } : each)),
      'metadata-invalid',
    ],
    [
      'a file below metadata.jwt',
      (c) => c.map((each) => ('regular' in each ? { ...each, regular: 'metadata.jwt/x' } : each)),
      'metadata-invalid',
    ],
  ];
  test.each(claimCases)('with %s is refused', async (_, editClaims, code) => {
    const members = image({
      editClaims: (claims) => editClaims(claims) as Record<string, unknown>[],
    });
    await expectRefused(saved(members), code);
  });

  test('that is no JWT is refused', async () => {
    for (const text of ['', 'a.b', 'a.b.c.d', '{}', 'eyJh.!!.xx'])
      await expectRefused(
        saved(withContent(image(), 'metadata.jwt', () => Buffer.from(text))),
        'metadata-invalid',
      );
  });

  test.each([
    ['dirs', "0755,0,0,'/a\nb'"],
    ['symlinks', "0777,0,0,'/a\nb','c'"],
    ['regulars', `0644,0,0,1,${sha256(PLAIN)},'/a\nb',3000,,`],
    ['regulars', `0644,0,0,1,${sha256(PLAIN)},'/a\rb',3000,,`],
    ['regulars', `0644,0,0,1,${sha256(PLAIN)},'etc/plain',3000,,`],
    ['regulars', `0644,0,0,1,${sha256(PLAIN)},'/etc/plain',3000,,gzip`],
    ['regulars', `0644,0,0,1,${sha256(PLAIN)},/etc/plain,3000,,`],
    ['regulars', `0644,0,0,1,${sha256(PLAIN).slice(1)},'/etc/plain',3000,,`],
    ['persistents', "'/a\nb'"],
    ['persistents', ''],
  ] as const)('whose %s hold the line %j is refused with its number', async (table, line) => {
    const members = image({
      editMetafiles: (metafiles) => {
        const good = metafiles[table].toString();
        const first = good === '' ? '' : `${good.split('\n')[0] ?? ''}\n`;
        metafiles[table] = Buffer.from(`${first}${line}\n`);
      },
      ...(table === 'persistents' ? { persistents: ['/a'] } : {}),
      ...(table === 'symlinks' ? { symlinks: [['/x', 'y']] } : {}),
    });
    const path = saved(members);
    await expectRefused(path, 'line-invalid');
    const { events } = await cli(['inspect', '--json', path]);
    expect(events.at(-1)).toMatchObject({
      error: { params: { line: 2, name: `${table}.txt` } },
    });
  });

  test('that lists a compressed file without a folder for it is refused', async () => {
    const members = image({
      editClaims: (claims) => claims.filter((each) => !('compressed_rootfs_directory' in each)),
    });
    await expectRefused(saved(members), 'line-invalid');
  });
});

describe('a certificate', () => {
  test('that is not P-256, not valid now or none is refused', async () => {
    const signedBy = (identity_: MadeIdentity) => saved(image({ identity: identity_ }));
    await expectRefused(signedBy(makeIdentity({ key: 'P-384' })), 'certificate-invalid');
    const rsa = makeIdentity({ key: 'rsa', issuer: identity });
    await expectRefused(signedBy(rsa), 'certificate-invalid');
    const past = new Date(Date.now() - 1000);
    await expectRefused(signedBy(makeIdentity({ validTo: past })), 'certificate-expired');
    const future = new Date(Date.now() + 3_600_000);
    await expectRefused(signedBy(makeIdentity({ validFrom: future })), 'certificate-not-yet-valid');
    await expectRefused(signedBy({ ...identity, pem: 'nonsense' }), 'certificate-invalid');
    // Somebody else's certificate does not make the signature right.
    await expectRefused(signedBy({ ...identity, pem: makeIdentity().pem }), 'signature-invalid');
  });

  test('that no given CA issued is refused; a CA folder that is none, too', async () => {
    const path = saved(image());
    const folder = tmpFolder();
    put(folder, 'x.root.pem', makeIdentity({ isCa: true }).pem);
    await expectRefused(path, 'signature-untrusted', { args: ['--ca-dir', folder] });
    await expectRefused(path, 'ca-unreadable', { args: ['--ca-dir', join(folder, 'none')] });
    await expectRefused(path, 'ca-unreadable', { args: ['--ca-dir', tmpFolder()] });
  });
});

describe('an archive', () => {
  test.each(['/etc/passwd', '../x', 'data/../../x', 'a/..', './/../x'])(
    'with a member called %s is refused',
    async (name) => {
      const parts = [...image(), { name, content: PLAIN }];
      await expectRefused(saved(packTar(parts)), 'member-name-unsafe');
      const link = [...image(), { name: 'data/link', type: '1', link: name }];
      await expectRefused(saved(gzipSync(packTar(link))), 'member-name-unsafe');
    },
  );

  test('that claims a member of 2^62 bytes is refused', async () => {
    const size = Buffer.alloc(12);
    size.writeBigUInt64BE(2n ** 62n, 4);
    size[0] = 0x80;
    const huge = { name: 'data/huge', size, content: PLAIN };
    await expectRefused(saved(packTar([huge, ...image()])), 'archive-corrupt');
    await expectRefused(saved(gzipSync(packTar([huge, ...image()]))), 'archive-corrupt');
    const negative = { ...huge, size: Buffer.alloc(12, 0xff) };
    await expectRefused(saved(packTar([negative])), 'archive-corrupt');
    const pax = [paxPart({ size: String(2n ** 62n) }), { name: 'data/huge', content: PLAIN }];
    await expectRefused(saved(packTar(pax)), 'archive-corrupt');
    const large = [paxPart({ size: String(2 ** 45) }), { name: 'data/huge', content: PLAIN }];
    await expectRefused(saved(packTar(large)), 'archive-limit');
  });

  test('with a sparse member is refused', async () => {
    const old = [{ name: 'data/x', type: 'S', content: PLAIN }];
    await expectRefused(saved(packTar(old)), 'archive-corrupt');
    const pax = [paxPart({ 'GNU.sparse.major': '1', 'GNU.sparse.name': 'x' }), { name: 'x' }];
    await expectRefused(saved(packTar(pax)), 'archive-corrupt');
  });

  test('with a damaged header is refused', async () => {
    const bytes = packTar(image());
    bytes[512 * 0 + 3] = 0x41;
    bytes[156] = 0x30;
    await expectRefused(saved(compressArchive(bytes, 'zstd')), 'archive-corrupt');
  });

  test('with bytes behind its end is refused', async () => {
    const garbage = Buffer.concat([packTar(image()), Buffer.from('garbage')]);
    await expectRefused(saved(garbage), 'archive-trailing-garbage');
    await expectRefused(saved(gzipSync(garbage)), 'archive-trailing-garbage');
    const two = Buffer.concat([packTar(image()), packTar(image())]);
    await expectRefused(saved(two), 'archive-trailing-garbage');
  });

  for (const compression of ['gzip', 'zstd', 'zstd-frames', 'xz', 'bzip2'] as const) {
    const packers = compression === 'xz' || compression === 'bzip2' ? [tool(compression)] : [];
    const title = `of ${compression} that is cut off, damaged or followed by something is refused`;
    testNeeding(packers, title, async () => {
      const whole = compressArchive(packTar(image()), compression);
      await expectRefused(saved(whole.subarray(0, -1)), 'archive-truncated');
      await expectRefused(saved(whole.subarray(0, whole.length >> 1)), 'archive-truncated');
      const garbage = Buffer.concat([whole, Buffer.from('some garbage behind it')]);
      // liblzma does not tell the two apart.
      const isXz = compression === 'xz';
      await expectRefused(saved(garbage), isXz ? 'archive-corrupt' : 'archive-trailing-garbage');
      const damaged = Buffer.from(whole);
      for (let at = whole.length >> 1; at < (whole.length >> 1) + 9; at++) damaged[at] = 0xff;
      await expectRefused(saved(damaged), 'archive-corrupt');
    });
  }

  test('without its end, cut between two members, is refused', async () => {
    const cut = Buffer.concat(Array.from(memberPieces(image())));
    await expectRefused(saved(cut), 'archive-truncated');
    await expectRefused(saved(gzipSync(cut)), 'archive-truncated');
  });

  // bzip2 takes long to unpack what it packed best.
  const slow = process.env['NIGHTLY'] === '1' ? (['bzip2'] as const) : [];
  test.each(['gzip', 'zstd', 'xz', ...slow] as const)(
    'of %s that is a decompression bomb is refused',
    async (how) => {
      const folder = shared();
      const path = put(folder, `bomb.${how}`, bomb(how));
      await expectRefused(path, 'archive-limit');
    },
  );

  test('that is none, or none of an image, is refused', async () => {
    await expectRefused(saved(Buffer.from('hello')), 'not-an-archive');
    await expectRefused(saved(new Uint8Array(0)), 'not-an-archive');
    await expectRefused(saved(seededBytes(1, 5000)), 'not-an-archive');
    await expectRefused('/dev/null', 'input-is-device', { exit: 22 });
    await expectRefused(saved(packTar([{ name: 'a', content: PLAIN }])), 'not-an-image');
    await expectRefused(tmpFolder(), 'not-an-image');
    await expectRefused(join(tmpFolder(), 'none.tgz'), 'input-not-found', { exit: 22 });
  });

  test('with two members of one name is read as tar extracts it: the last one counts', async () => {
    const first = { name: 'data/etc/plain', content: seededBytes(5, 3000) };
    const out = tmpFolder();
    const path = saved(packTar([first, ...image()]));
    const good = await cli(['--image', `p1:${path}`, '-o', join(out, 'x.tar')]);
    expect(good.exit, good.stderr).toBe(0);
    await expectRefused(saved(packTar([...image(), first])), 'blob-corrupt');
  });
});

/** 1.5 GiB of zeros as a member, in many streams; gzip packs them a thousandfold, the others much tighter. */
function bomb(how: Compression): Buffer {
  const size = 3 * 2 ** 29;
  const header = Buffer.concat(Array.from(memberPieces([{ name: 'data/zeros', size }])));
  const zeros = Buffer.alloc(2 ** 26);
  const chunk = compressArchive(zeros, how);
  const chunks = Array.from({ length: size / zeros.length }, () => chunk);
  return Buffer.concat([compressArchive(header, how), ...chunks]);
}

describe('a table', () => {
  test('of ten million lines is refused', async () => {
    const line = Buffer.from("'/a'\n");
    const table = Buffer.alloc(10_000_000 * line.length, line);
    const members = image({ editMetafiles: (metafiles) => (metafiles.persistents = table) });
    const path = saved(compressArchive(packTar(members), 'zstd'));
    const { code, exit } = await cli(['inspect', '--json', path]);
    expect([code, exit]).toEqual(['table-limit', 1]);
  });
});

describe('an output', () => {
  test('that exists is not touched', async () => {
    const path = saved(image());
    const out = tmpFolder();
    const full = join(out, 'full');
    mkdirSync(full);
    put(full, 'old', 'precious');
    const tar = put(out, 'old.tar', 'precious');
    const before = listAll(out);
    for (const args of [
      ['-o', tar],
      ['-o', `${full}/`],
      ['-o', full, '--format', 'folder'],
      ['-o', full, '--format', 'tar'],
      ['-o', join(out, 'new.tar'), '-o', tar],
    ]) {
      const { code, exit } = await cli(['--json', '--image', `p1:${path}`, ...args]);
      expect([code, exit]).toEqual(['output-exists', 22]);
    }
    expect(listAll(out)).toEqual(before);
    expect(readFileSync(tar, 'utf8')).toBe('precious');
  });

  test('in a folder that does not exist is refused', async () => {
    const out = tmpFolder();
    for (const [name, expected] of [
      ['none/x.tar', 'output-folder-missing'],
      ['none/folder/', 'output-folder-missing'],
      ['file/x.tar', 'output-folder-is-file'],
    ] as const) {
      put(out, 'file', '');
      const argv = ['--json', '--image', `p1:${saved(image())}`, '-o', join(out, name)];
      const { code, exit, events } = await cli(argv);
      expect([code, exit]).toEqual([expected, 22]);
      expect(events[0]).toMatchObject({ error: { params: { folder: join(out, name, '..') } } });
    }
    expect(listAll(out)).toEqual(['file']);
  });
});

test('the same ECU twice is refused before anything is read', async () => {
  const out = tmpFolder();
  const path = saved(image());
  const { code, exit } = await cli([
    ...['--json', '--image', `p1:${path}`, '--image', `p1:/does/not/exist`],
    ...['-o', join(out, 'x.tar')],
  ]);
  expect([code, exit]).toEqual(['ecu-id-duplicate', 22]);
  expect(listAll(out)).toEqual([]);
});
