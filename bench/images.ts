import { execFileSync } from 'node:child_process';
import { createHash, sign } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Header } from 'tar';
import { Compressor } from 'zstd-napi';
import { selfSigned } from '../scripts/lib/self-signed.ts';

/** Shape of a generated image; the same shape always has the same files. */
export interface Shape {
  readonly name: string;
  readonly seed: number;
  readonly files: number;
  /** Bytes of the archive's data, about. */
  readonly bytes: number;
  /** Share of the bytes that is stored zstd-compressed. */
  readonly compressed: number;
}

export type Packing = 'tar' | 'tgz' | 'tar.zst';

/**
 * Paths of the generated archives, made when they are not there yet. Files have the sizes of a root
 * filesystem (most small, most bytes in few), content that compresses to about 45 %, and the metadata
 * stands last, as ota-metadata writes it.
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

function generate(path: string, { seed, files, bytes, compressed }: Shape): void {
  const random = generator(seed);
  const pool = contentPool(random);
  const out = new TarFile(`${path}.partial`);
  const compressor = new Compressor();
  const regulars: string[] = [];
  const weights = Array.from({ length: files }, () => random() ** 8 + 0.002);
  const scale = bytes / weights.reduce((sum, weight) => sum + weight, 0);
  let plainBytes = 0;
  let compressedBytes = 0;
  out.folder('data/');
  out.folder('data.zst/');
  for (const [i, weight] of weights.entries()) {
    const size = Math.floor(weight * scale);
    // Stored compressed, as the generator does for what is large enough, until the share is reached.
    const pack =
      size >= 16384 && compressedBytes < (compressed / (1 - compressed)) * Math.max(plainBytes, 1);
    const content = fill(pool, random, pack ? Math.floor(size * 2.2) : size);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const name = `/usr/lib/part${i % 97}/component-${i}/file-${i}.so`;
    if (pack) {
      const blob = compressor.compress(content);
      compressedBytes += blob.length;
      out.file(`data.zst/${sha256}.zst`, blob);
    } else {
      plainBytes += content.length;
      out.file(`data${name}`, content);
    }
    regulars.push(`0644,0,0,1,${sha256},'${name}',${content.length},,${pack ? 'zst' : ''}`);
  }
  for (const [name, content] of metadata(regulars)) out.file(name, content);
  out.end();
  renameSync(`${path}.partial`, path);
}

function metadata(regulars: readonly string[]): [string, Buffer][] {
  const { privateKey, pem } = selfSigned('benchmark');
  const tables: [string, string, string][] = [
    ['directory', 'dirs.txt', "0755,0,0,'/usr'"],
    ['symboliclink', 'symlinks.txt', "0777,0,0,'/lib','/usr/lib'"],
    ['regular', 'regulars.txt', regulars.join('\n')],
    ['persistent', 'persistents.txt', "'/etc/hostname'"],
    ['certificate', 'sign.pem', pem],
  ];
  const claims = tables.map(([claim, name, text]) => ({
    [claim]: name,
    hash: createHash('sha256').update(text).digest('hex'),
  }));
  const payload = [
    { version: 1 },
    ...claims,
    { rootfs_directory: 'data' },
    { compressed_rootfs_directory: 'data.zst' },
  ];
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg: 'ES256' })}.${encode(payload)}`;
  const signature = sign('sha256', Buffer.from(signed), privateKey).toString('base64url');
  return [
    ...tables.map(([, name, text]): [string, Buffer] => [name, Buffer.from(text)]),
    ['metadata.jwt', Buffer.from(`${signed}.${signature}`)],
  ];
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

/** Half of it repeats itself, half is noise: like programs and libraries. */
function contentPool(random: () => number): Buffer {
  const pool = Buffer.alloc(POOL_BYTES);
  const words = Array.from({ length: 4096 }, () => Math.floor(random() * 2 ** 32));
  for (let at = 0; at < POOL_BYTES; at += 4) {
    const noise = Math.floor(at / 64) % 3 === 0;
    const word = noise
      ? Math.floor(random() * 2 ** 32)
      : (words[Math.floor(random() ** 3 * 4096)] ?? 0);
    pool.writeUInt32LE(word >>> 0, at);
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

class TarFile {
  readonly #fd: number;

  constructor(path: string) {
    this.#fd = openSync(path, 'w');
  }

  folder(path: string): void {
    this.#header(path, 0, 'Directory');
  }

  file(path: string, content: Buffer): void {
    this.#header(path, content.length, 'File');
    writeSync(this.#fd, content);
    writeSync(this.#fd, Buffer.alloc((512 - (content.length % 512)) % 512));
  }

  end(): void {
    writeSync(this.#fd, Buffer.alloc(1024));
    closeSync(this.#fd);
  }

  #header(path: string, size: number, type: 'File' | 'Directory'): void {
    const block = Buffer.alloc(512);
    new Header({ path, size, type, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) }).encode(block);
    writeSync(this.#fd, block);
  }
}
