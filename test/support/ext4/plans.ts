import { createHash } from 'node:crypto';
import { ALL_BLOCKS, type BlockRange } from '../../../src/main/engine/ext4/layout/free-runs.ts';
import { layoutExt4 } from '../../../src/main/engine/ext4/layout/layout-ext4.ts';
import type { Ext4Contents } from '../../../src/main/engine/ext4/layout/tree.ts';
import type { Layout } from '../../../src/main/engine/layout/layout.ts';

export const LABEL = 'ota_cache_src';
export const UUID = Uint8Array.from({ length: 16 }, (_, i) => 0x10 + i);
export const UUID_TEXT = '10111213-1415-1617-1819-1a1b1c1d1e1f';
export const HASH_SEED = Uint8Array.from({ length: 16 }, (_, i) => 0xf0 - 3 * i);
export const TIMESTAMP = 1_700_000_000;

/** The name of a blob as on a real stick: 64 or 68 bytes. */
export const blobName = (index: number): string =>
  createHash('sha256').update(`blob ${index}`).digest('hex') + (index % 3 === 0 ? '' : '.zst');

/** The tree of a stick with `blobs` blobs, sizes below `maxSize`, some of them empty. */
export function stickContents(blobs: number, maxSize = 9000): Ext4Contents {
  return {
    directories: ['data', 'meta', 'meta/0'],
    files: [
      { path: 'manifest.json', size: 311 },
      ...Array.from({ length: blobs }, (_, index) => ({
        path: `data/${blobName(index)}`,
        size: index % 11 === 0 ? 0 : (index * 7919) % maxSize,
      })),
      { path: 'meta/0/metadata.jwt', size: 2345 },
    ],
  };
}

/** `size` null: the smallest that fits. `usable` as in the request. */
export function layoutOf(
  contents: Ext4Contents,
  size: number | null,
  usable: readonly BlockRange[] = ALL_BLOCKS,
): Layout {
  return layoutExt4({
    ...contents,
    usable,
    target: 'test.img',
    size: size ?? ((smallest) => smallest),
    label: LABEL,
    uuid: UUID,
    hashSeed: HASH_SEED,
    timestamp: TIMESTAMP,
  });
}

/** A small seeded generator (mulberry32): numbers in [0, 1). */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/**
 * Runs of 1 to `longest` blocks with as long gaps between them, behind `front` blocks that are free in a row, up
 * to the end of a device of `blocks`.
 */
export function fragmentedRuns(
  seed: number,
  blocks: number,
  { front = 0, longest = 200 } = {},
): BlockRange[] {
  const random = randomSource(seed);
  const length = (): number => 1 + Math.floor(random() ** 2 * longest);
  const runs: { first: number; end: number }[] = front > 0 ? [{ first: 0, end: front }] : [];
  for (let at = front + length(); at < blocks;) {
    const end = Math.min(blocks, at + length());
    runs.push({ first: at, end });
    at = end + length();
  }
  return runs;
}

const ALPHABETS = ['0123456789abcdef', 'aZ_-.~ ,\'"\\#', 'äß€日本語テスト😀'];

function randomName(random: () => number, unique: number): string {
  const alphabet = Array.from(ALPHABETS[Math.floor(random() * ALPHABETS.length)] ?? 'x');
  const suffix = `.${unique}`;
  const budget = Math.floor(random() ** 3 * (255 - suffix.length));
  let name = '';
  for (;;) {
    const next = name + (alphabet[Math.floor(random() * alphabet.length)] ?? 'x');
    if (Buffer.byteLength(next) > budget) return name + suffix;
    name = next;
  }
}

/**
 * A tree without a plan: any depth, any names, sizes from nothing to several groups unless `limit`
 * (bytes) says less.
 */
export function randomContents(seed: number, limit = Infinity): Ext4Contents {
  const random = randomSource(seed);
  const upTo = (limit: number): number => Math.floor(random() ** 4 * limit);
  const directories: string[] = [];
  const files: { path: string; size: number }[] = [];
  const parent = (): string => {
    const pick = Math.floor(random() * (directories.length + 1));
    const path = directories[pick];
    return path === undefined ? '' : `${path}/`;
  };
  for (let count = upTo(60); count > 0; count--) {
    directories.push(`${parent()}d${randomName(random, directories.length)}`);
  }
  const maxSize = 10 ** Math.floor(random() * 11);
  for (let count = upTo(8000); count > 0; count--) {
    const size = random() < 0.02 ? upTo(maxSize * 10) : upTo(Math.min(maxSize, 200_000));
    const path = `${parent()}f${randomName(random, files.length)}`;
    files.push({ path, size: Math.min(size, limit) });
  }
  return { directories, files };
}
