import { createHash, sign } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { makeIdentity, type MadeIdentity } from './certificate.ts';
import { packTar, type TarPart } from './tar-writer.ts';

/*
 * Makes signed OTA images in the layout of ota-metadata ("version 1 metadata"), whole or broken on
 * purpose. It needs nothing but Node, except where GNU tar or a compressor is asked for by name.
 */

/** A file of the vehicle's root filesystem. */
export interface ImageFile {
  /** Absolute path in the vehicle. */
  readonly path: string;
  /** A function makes it anew when it is needed, so that large images need little memory. */
  readonly content: Uint8Array | (() => Uint8Array);
  /** Stored as zstd, too. Default: as the generator does, when it is large and shrinks. */
  readonly compress?: boolean;
  /** Path of an earlier file that this one is a hard link to; the contents are the same. */
  readonly linkTo?: string;
}

/** The five files that metadata.jwt vouches for. */
export interface Metafiles {
  certificate: Uint8Array;
  dirs: Uint8Array;
  symlinks: Uint8Array;
  regulars: Uint8Array;
  persistents: Uint8Array;
}

export interface ImageOptions {
  readonly files: readonly ImageFile[];
  /** `[link, target]`. */
  readonly symlinks?: readonly (readonly [string, string])[];
  readonly persistents?: readonly string[];
  readonly identity?: MadeIdentity;
  /** How the signature is encoded; the generator writes DER. */
  readonly signature?: 'der' | 'raw';
  /** Keep the `=` of base64url, as the generator does. Default: true. */
  readonly padded?: boolean;
  readonly certificateName?: string;
  /** Name of the compressed files' folder; null: the image stores nothing compressed. */
  readonly compressedFolder?: string | null;
  /**
   * How many of regulars.txt's columns stand after the path: size, inode and compression came one
   * after another. Default: 3.
   */
  readonly columns?: 0 | 1 | 2 | 3;
  readonly metadataFirst?: boolean;
  /** Changes the metafiles before they are hashed and signed. */
  readonly editMetafiles?: (metafiles: Metafiles) => void;
  /** Changes the claims before they are signed. */
  readonly editClaims?: (claims: Record<string, unknown>[]) => Record<string, unknown>[];
}

/** A member of an image: a file, a folder (name ends with a slash), or a hard link. */
export type ImageMember = Pick<TarPart, 'name' | 'content' | 'link' | 'type'>;

/** What the generator's defaults are. */
const COMPRESS_FROM_BYTES = 16 * 1024;
const COMPRESS_RATIO = 1.25;
const ZSTD_LEVEL = 10;

/** Makes an image's members; names have no leading `./`. */
export function makeImage(options: ImageOptions): ImageMember[] {
  const { files, symlinks = [], persistents = [], identity = makeIdentity() } = options;
  const { certificateName = 'sign.pem', columns = 3, metadataFirst = true } = options;
  const { compressedFolder = 'data.zst' } = options;
  const blobs = new Map<string, Uint8Array>();
  const regulars: string[] = [];
  const links = countLinks(files);
  for (const file of files) {
    const bytes = contentBytes(file.content);
    const hash = sha256(bytes);
    const compressed = compressedFolder === null || columns < 3 ? null : compress(file, bytes);
    if (compressed !== null) blobs.set(hash, compressed);
    const nlink = links.get(file.linkTo ?? file.path) ?? 1;
    const inode = nlink > 1 ? String(inodeOf(file.linkTo ?? file.path)) : '';
    const more = [String(bytes.length), inode, compressed === null ? '' : 'zst'].slice(0, columns);
    const fields = ['0644,0,0', String(nlink), hash, quote(file.path), ...more];
    regulars.push(fields.join(','));
  }
  const metafiles: Metafiles = {
    certificate: Buffer.from(identity.pem),
    dirs: Buffer.from(
      foldersOf(files)
        .map((folder) => `0755,0,0,${quote(folder)}`)
        .join('\n'),
    ),
    symlinks: Buffer.from(
      symlinks.map(([link, target]) => `0777,0,0,${quote(link)},${quote(target)}`).join('\n'),
    ),
    regulars: Buffer.from(regulars.join('\n')),
    persistents: Buffer.from(persistents.map(quote).join('\n')),
  };
  options.editMetafiles?.(metafiles);
  const claims: Record<string, unknown>[] = [
    { version: 1 },
    { directory: 'dirs.txt', hash: sha256(metafiles.dirs) },
    { symboliclink: 'symlinks.txt', hash: sha256(metafiles.symlinks) },
    { regular: 'regulars.txt', hash: sha256(metafiles.regulars) },
    { persistent: 'persistents.txt', hash: sha256(metafiles.persistents) },
    { rootfs_directory: 'data' },
    { certificate: certificateName, hash: sha256(metafiles.certificate) },
    { total_regular_size: String(links.size) },
    ...(compressedFolder === null ? [] : [{ compressed_rootfs_directory: compressedFolder }]),
  ];
  const payload = options.editClaims?.(claims) ?? claims;
  const metadata: ImageMember[] = [
    { name: 'metadata.jwt', content: makeJwt(payload, identity, options) },
    { name: certificateName, content: metafiles.certificate },
    { name: 'dirs.txt', content: metafiles.dirs },
    { name: 'symlinks.txt', content: metafiles.symlinks },
    { name: 'regulars.txt', content: metafiles.regulars },
    { name: 'persistents.txt', content: metafiles.persistents },
    { name: 'total_regular_size.txt', content: Buffer.from('0') },
  ];
  const data: ImageMember[] = [
    ...['/', ...foldersOf(files)].map((folder) => ({
      name: `data${folder}/`.replace('//', '/'),
    })),
    ...files.map(({ path, content, linkTo }) =>
      linkTo === undefined
        ? { name: `data${path}`, content }
        : { name: `data${path}`, type: '1', link: `data${linkTo}` },
    ),
    ...Array.from(blobs, ([hash, content]) => ({
      name: `${compressedFolder ?? ''}/${hash}.zst`,
      content,
    })),
  ];
  return metadataFirst ? [...metadata, ...data] : [...data, ...metadata];
}

/** Signs claims as metadata.jwt. */
export function makeJwt(
  payload: unknown,
  { key }: MadeIdentity,
  { signature = 'der', padded = true }: Pick<ImageOptions, 'signature' | 'padded'> = {},
): Buffer {
  const encode = (bytes: Uint8Array | string) => {
    const text = Buffer.from(bytes as Uint8Array)
      .toString('base64')
      .replaceAll('+', '-');
    const url = text.replaceAll('/', '_');
    return padded ? url : url.replace(/=+$/, '');
  };
  const signed = `${encode('{"alg": "ES256"}')}.${encode(JSON.stringify(payload))}`;
  const dsaEncoding = signature === 'der' ? 'der' : 'ieee-p1363';
  const bytes = sign('sha256', Buffer.from(signed), { key, dsaEncoding });
  return Buffer.from(`${signed}.${encode(bytes)}`);
}

/** Puts other content into one member of an image, after it was signed. */
export function withContent(
  members: readonly ImageMember[],
  name: string,
  edit: (content: Buffer) => Uint8Array,
): ImageMember[] {
  if (!members.some((member) => member.name === name)) throw new RangeError(`no member ${name}`);
  return members.map((member) =>
    member.name === name
      ? { ...member, content: edit(Buffer.from(contentBytes(member.content))) }
      : member,
  );
}

/** An image without some of its members. */
export function without(
  members: readonly ImageMember[],
  test: (name: string) => boolean,
): ImageMember[] {
  const kept = members.filter(({ name }) => !test(name));
  if (kept.length === members.length) throw new RangeError('nothing to leave out');
  return kept;
}

export const COMPRESSIONS = ['none', 'gzip', 'zstd', 'zstd-frames', 'xz', 'bzip2'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/** Compresses a tar archive; xz and bzip2 by their commands. */
export function compressArchive(tar: Uint8Array, compression: Compression): Buffer {
  switch (compression) {
    case 'none':
      return Buffer.from(tar);
    case 'gzip':
      return gzipSync(tar, { level: 6 });
    case 'zstd':
      return zstd(tar, 3);
    case 'zstd-frames': {
      const third = Math.ceil(tar.length / 3);
      const part = (i: number) => zstd(tar.subarray(i * third, (i + 1) * third), 3);
      return Buffer.concat([part(0), part(1), part(2)]);
    }
    default:
      return execFileSync(compression, ['-c'], { input: tar, maxBuffer: 2 ** 30 });
  }
}

/** An image as an archive, packed without any tool but for xz and bzip2. */
export function packImage(
  members: readonly ImageMember[],
  {
    compression = 'none',
    dotSlash = false,
  }: { compression?: Compression; dotSlash?: boolean } = {},
): Buffer {
  const prefix = dotSlash ? './' : '';
  const parts = members.map((member) => ({
    ...member,
    name: `${prefix}${member.name}`,
    ...(member.link === undefined ? {} : { link: `${prefix}${member.link}` }),
  }));
  return compressArchive(packTar(dotSlash ? [{ name: './' }, ...parts] : parts), compression);
}

/** Puts an image's members into a folder, hard links included. */
export function unpackImage(members: readonly ImageMember[], folder: string): void {
  for (const { name, content, link } of members) {
    const path = join(folder, name);
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (link !== undefined) linkSync(join(folder, link), path);
    else if (!name.endsWith('/')) writeFileSync(path, contentBytes(content));
  }
}

export const DIALECTS = ['gnu', 'oldgnu', 'pax', 'ustar', 'v7'] as const;
export type Dialect = (typeof DIALECTS)[number];

/** An image as GNU tar packs it, members in their order. */
export function packWithGnuTar(
  members: readonly ImageMember[],
  { dialect = 'gnu', dotSlash = false }: { dialect?: Dialect; dotSlash?: boolean } = {},
): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'image-factory-'));
  try {
    unpackImage(members, folder);
    const names = members.map(({ name }) => `${dotSlash ? './' : ''}${name}`);
    return execFileSync(
      'tar',
      [
        ...['-cf', '-', `--format=${dialect}`, '--no-recursion', '--null', '-T', '-'],
        ...['--owner=0', '--group=0', '--numeric-owner', '--mtime=@0', '-b', '20'],
      ],
      { cwd: folder, input: names.join('\0'), maxBuffer: 2 ** 30 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Names that have broken parsers, each legal in ext4. */
export const ODD_NAMES = [
  'a,b,c.txt',
  "it's",
  "',5,,zst",
  "x',12,34,zst",
  "'",
  "''quoted''",
  "back\\slash'\\''",
  '# ? ; \\ & % $HOME `x`',
  ' leading and trailing ',
  '-rf',
  '日本語 テスト',
  'emoji 😀',
  'é decomposed',
  '"double"',
  'tab\there',
  '...',
];

/** Bytes that are the same for the same seed; `text` shrinks well, `noise` does not. */
export function seededBytes(
  seed: number,
  length: number,
  kind: 'noise' | 'text' = 'noise',
): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) | 1;
  for (let at = 0; at < length; at++) {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = kind === 'noise' ? state & 0xff : 0x61 + ((state >>> 8) & 3);
  }
  return bytes;
}

/**
 * A small tree with everything that an image can hold: odd names, hard links, empty files, files that
 * shrink and files that do not, equal contents under several names. The same seed gives the same
 * tree; trees of all seeds share `/usr/share/common`.
 */
export function sampleFiles(seed: number): ImageFile[] {
  const text = (n: number, length: number) => seededBytes(seed * 1000 + n, length, 'text');
  const noise = (n: number, length: number) => seededBytes(seed * 1000 + n, length);
  const libc = noise(1, 70_000);
  return [
    { path: '/etc/hostname', content: Buffer.from(`ecu-${seed}`) },
    { path: '/etc/empty', content: new Uint8Array(0) },
    { path: '/usr/lib/libc.so', content: libc },
    { path: '/usr/lib/libc.so.6', content: libc, linkTo: '/usr/lib/libc.so' },
    { path: '/usr/lib/copy of libc', content: libc },
    { path: '/usr/bin/program', content: text(2, 120_000) },
    { path: '/usr/bin/same program', content: text(2, 120_000) },
    { path: '/usr/bin/linked program', content: text(2, 120_000), linkTo: '/usr/bin/program' },
    { path: '/usr/share/common/one', content: seededBytes(1, 50_000, 'text') },
    { path: '/usr/share/common/two', content: seededBytes(2, 50_000) },
    { path: '/usr/share/common/three', content: seededBytes(3, 511) },
    { path: `/deep${'/folder'.repeat(20)}/${'n'.repeat(200)}`, content: noise(4, 513) },
    ...ODD_NAMES.map((name, i) => ({ path: `/odd/${name}`, content: noise(10 + i, 100 + i) })),
    ...ODD_NAMES.map((name, i) => ({
      path: `/odd ${name}/file`,
      content: text(50 + i, i % 2 === 0 ? 20_000 : 12),
    })),
  ];
}

/** A CA with one signer below an intermediate, and the CA folder's files. */
export function makePki(chain = 'test'): {
  readonly signer: MadeIdentity;
  readonly caFiles: Readonly<Record<string, string>>;
} {
  const root = makeIdentity({ commonName: `${chain} root`, isCa: true });
  const intermediate = makeIdentity({ commonName: `${chain} ica`, isCa: true, issuer: root });
  return {
    signer: makeIdentity({ commonName: `${chain} signer`, issuer: intermediate }),
    caFiles: { [`${chain}.root.pem`]: root.pem, [`${chain}.intermediate.pem`]: intermediate.pem },
  };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function contentBytes(content: ImageFile['content'] | undefined): Uint8Array {
  return typeof content === 'function' ? content() : (content ?? new Uint8Array(0));
}

function compress(file: ImageFile, bytes: Uint8Array): Uint8Array | null {
  if (file.compress === false) return null;
  if (file.compress === undefined && bytes.length < COMPRESS_FROM_BYTES) return null;
  const packed = zstd(bytes, ZSTD_LEVEL);
  const worthIt = bytes.length / packed.length >= COMPRESS_RATIO;
  return file.compress === true || worthIt ? packed : null;
}

export function zstd(bytes: Uint8Array, level: number): Buffer {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } });
}

/** How many paths share each file that is linked to. */
function countLinks(files: readonly ImageFile[]): Map<string, number> {
  const links = new Map<string, number>();
  for (const { path, linkTo } of files)
    links.set(linkTo ?? path, (links.get(linkTo ?? path) ?? 0) + 1);
  return links;
}

function inodeOf(path: string): number {
  return createHash('sha256').update(path).digest().readUInt32BE(0);
}

/** The metadata's only escape. */
export function quote(name: string): string {
  return `'${name.replaceAll("'", String.raw`'\''`)}'`;
}

/** Parents before children, without the root. */
function foldersOf(files: readonly ImageFile[]): string[] {
  const folders = new Set<string>();
  for (const { path } of files)
    for (let slash = path.indexOf('/', 1); slash !== -1; slash = path.indexOf('/', slash + 1))
      folders.add(path.slice(0, slash));
  return Array.from(folders).sort();
}
