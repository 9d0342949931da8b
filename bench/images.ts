import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Compressor } from 'zstd-napi';
import { makeIdentity } from '../test/support/certificate.ts';
import { makeJwt, sha256 } from '../test/support/image-factory.ts';
import { memberPieces, packTar, writeTar, type TarPart } from '../test/support/tar-writer.ts';

/** Shape of a generated image; the same shape always has the same files. */
export interface Shape {
  readonly name: string;
  readonly seed: number;
  readonly files: number;
  /** Bytes of the archive's data, about. */
  readonly bytes: number;
  /** Share of the bytes that is stored zstd-compressed. */
  readonly compressed: number;
  /** Whether files that are stored compressed are also there as they are, as in images of ota-metadata. */
  readonly plainForms?: boolean;
}

export type Packing = 'tar' | 'tgz' | 'tar.zst';

/**
 * Paths of the generated archives, made when they are not there yet. Files have the sizes of a root
 * filesystem (most small, most bytes in few), content that compresses to about 45 %, and the metadata
 * comes last, as ota-metadata writes it.
 */
export function image(folder: string, shape: Shape, packing: Packing): string {
  mkdirSync(folder, { recursive: true });
  const tar = join(folder, `${shape.name}.tar`);
  if (!existsSync(tar)) generate(tar, shape);
  const path = join(folder, `${shape.name}.${packing}`);
  if (!existsSync(path)) {
    const [tool, args] = packing === 'tgz' ? ['gzip', ['-c', '-6']] : ['zstd', ['-c', '-3', '-q']];
    const fd = openSync(`${path}.partial`, 'w');
    execFileSync(tool, [...args, tar], { stdio: ['ignore', fd, 'inherit'] });
    closeSync(fd);
    renameSync(`${path}.partial`, path);
  }
  return path;
}

/**
 * Path of a tar with four files of 2.5 GB, made when it is not there yet. The files are zeros that take
 * no room on the disk: to inspect it only headers and metadata may be read.
 */
export function hugeImage(folder: string): string {
  const path = join(folder, 'huge.tar');
  if (existsSync(path)) return path;
  const files = 4;
  const size = 2.5e9;
  const digest = createHash('sha256');
  const zeros = Buffer.alloc(1e6);
  for (let done = 0; done < size; done += zeros.length) digest.update(zeros);
  const sha = digest.digest('hex');
  const names = Array.from({ length: files }, (_, i) => `/opt/map/large${i}.bin`);
  const regulars = names.map((name) => `0644,0,0,1,${sha},'${name}',${size},,`);
  const fd = openSync(`${path}.partial`, 'w');
  let at = 0;
  for (const name of names) {
    // Header and content apart, so that the content can be a hole.
    const [header] = memberPieces([{ name: `data${name}`, size }]);
    if (header === undefined) throw new Error('a member has a header');
    writeSync(fd, header, 0, header.length, at);
    at += header.length + Math.ceil(size / header.length) * header.length;
  }
  const rest = packTar(metadata(regulars));
  writeSync(fd, rest, 0, rest.length, at);
  closeSync(fd);
  renameSync(`${path}.partial`, path);
  return path;
}

function generate(path: string, shape: Shape): void {
  rmSync(`${path}.partial`, { force: true });
  writeTar(`${path}.partial`, members(shape));
  renameSync(`${path}.partial`, path);
}

function* members({
  seed,
  files,
  bytes,
  compressed,
  plainForms = false,
}: Shape): Generator<TarPart> {
  const random = generator(seed);
  const pool = contentPool(random);
  const compressor = new Compressor();
  const regulars: string[] = [];
  const weights = Array.from({ length: files }, () => random() ** 8 + 0.002);
  const scale = bytes / weights.reduce((sum, weight) => sum + weight, 0);
  let plainBytes = 0;
  let compressedBytes = 0;
  for (const [i, weight] of weights.entries()) {
    const size = Math.floor(weight * scale);
    // Stored compressed, as the generator does for what is large enough, until the share is reached.
    const pack =
      size >= 16384 && compressedBytes < (compressed / (1 - compressed)) * Math.max(plainBytes, 1);
    const content = fill(pool, random, pack ? Math.floor(size * UNPACKED_RATIO) : size);
    const digest = sha256(content);
    const name = `/usr/lib/part${i % 97}/component-${i}/file-${i}.so`;
    if (pack) {
      const blob = compressor.compress(content);
      compressedBytes += blob.length;
      yield { name: `data.zst/${digest}.zst`, content: blob };
      if (plainForms) yield { name: `data${name}`, content };
    } else {
      plainBytes += content.length;
      yield { name: `data${name}`, content };
    }
    regulars.push(`0644,0,0,1,${digest},'${name}',${content.length},,${pack ? 'zst' : ''}`);
  }
  yield* metadata(regulars);
}

function* metadata(regulars: readonly string[]): Generator<TarPart> {
  const identity = makeIdentity({ commonName: 'benchmark' });
  const tables: [string, string, string][] = [
    ['directory', 'dirs.txt', "0755,0,0,'/usr'"],
    ['symboliclink', 'symlinks.txt', "0777,0,0,'/lib','/usr/lib'"],
    ['regular', 'regulars.txt', regulars.join('\n')],
    ['persistent', 'persistents.txt', "'/etc/hostname'"],
    ['certificate', 'sign.pem', identity.pem],
  ];
  for (const [, name, text] of tables) yield { name, content: Buffer.from(text) };
  const claims = [
    { version: 1 },
    ...tables.map(([claim, name, text]) => ({ [claim]: name, hash: sha256(Buffer.from(text)) })),
    { rootfs_directory: 'data' },
    { compressed_rootfs_directory: 'data.zst' },
  ];
  yield { name: 'metadata.jwt', content: makeJwt(claims, identity) };
}

/** mulberry32: small, fast, and the same everywhere. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const POOL_BYTES = 8 * 1024 * 1024;
const PIECE_BYTES = 4096;
/** Between two phrases stand fewer than this; programs compress to about 37 % with them. */
const NOISE_BYTES = 32;

/** How much larger the pool's content is than its zstd form, about. */
const UNPACKED_RATIO = 2.7;

/** Phrases that come again and again, with noise between them: like programs and libraries. */
function contentPool(random: () => number): Buffer {
  const pool = Buffer.alloc(POOL_BYTES);
  const phrases = Array.from({ length: 512 }, () => {
    const phrase = Buffer.alloc(16 + Math.floor(random() * 48));
    for (let i = 0; i < phrase.length; i++) phrase[i] = Math.floor(random() * 256);
    return phrase;
  });
  for (let at = 0; at < POOL_BYTES;) {
    const phrase = phrases[Math.floor(random() ** 2 * phrases.length)] ?? Buffer.alloc(16);
    at += phrase.copy(pool, at);
    const noise = Math.min(Math.floor(random() * NOISE_BYTES), POOL_BYTES - at);
    for (let i = 0; i < noise; i++) pool[at++] = Math.floor(random() * 256);
  }
  return pool;
}

/** Every file is unique: it begins with noise of its own. */
function fill(pool: Buffer, random: () => number, size: number): Buffer {
  const content = Buffer.allocUnsafe(size);
  for (let at = 0; at < size; at += PIECE_BYTES) {
    const from = Math.floor(random() * (POOL_BYTES - PIECE_BYTES));
    pool.copy(content, at, from, from + Math.min(PIECE_BYTES, size - at));
  }
  for (let at = 0; at + 4 <= Math.min(size, 16); at += 4)
    content.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
  return content;
}
