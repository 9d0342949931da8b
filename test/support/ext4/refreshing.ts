import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { atOnce } from '../../../src/main/engine/event-loop.ts';
import { layoutExt4, refreshExt4Steps } from '../../../src/main/engine/ext4/layout/layout-ext4.ts';
import { mostRuns } from '../../../src/main/engine/ext4/layout/placement.ts';
import type { Ext4Contents } from '../../../src/main/engine/ext4/layout/tree.ts';
import { Ext4Reader } from '../../../src/main/engine/ext4/reader/ext4-reader.ts';
import { findBlobs } from '../../../src/main/engine/ext4/reader/find-blobs.ts';
import type { BlobPlaces } from '../../../src/main/engine/content/blob-places.ts';
import type { Layout, Piece } from '../../../src/main/engine/layout/layout.ts';
import { FileReader } from './examine.ts';
import { writeAll } from './materialise.ts';
import { HASH_SEED, LABEL, TIMESTAMP, randomSource } from './plans.ts';

/** Bytes [from, from + length) of the file at a path: a function of the path alone. */
export function contentOf(path: string, from: number, length: number): Uint8Array {
  const seed = createHash('sha256').update(path).digest();
  const start = seed.readUInt32LE(0);
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++)
    bytes[i] = (start + (from + i) * 7 + ((from + i) >>> 8) * 13) & 0xff;
  return bytes;
}

/** A version of an image, of a pool of blobs that versions share. */
export interface Version extends Ext4Contents {
  readonly name: string;
}

/** Versions that follow each other: blobs are taken out and added; some are large. */
export function* randomVersions(seed: number, blobs: number, largest: number): Generator<Version> {
  const random = randomSource(seed);
  let next = 0;
  const newBlob = (): { path: string; size: number } => {
    const sha256 = createHash('sha256').update(`blob ${seed} ${next++}`).digest('hex');
    const isLarge = random() < 0.02;
    const size =
      Math.floor(random() ** 2 * (isLarge ? largest : 30_000)) + (next % 50 === 0 ? 0 : 1);
    return { path: `data/${sha256}${random() < 0.7 ? '.zst' : ''}`, size };
  };
  let data = Array.from({ length: blobs }, newBlob);
  for (let version = 0; ; version++) {
    const meta = [
      { path: 'manifest.json', size: 200 + (version % 7) },
      // One list of another size: the metadata of images changes with every version.
      { path: 'meta/0/regulars.txt', size: data.length * 90 },
    ];
    yield {
      name: `${version}`,
      directories: ['data', 'meta', 'meta/0'],
      files: [...data, ...meta],
    };
    const gone = random() ** 2;
    const added = Math.floor(random() * gone * 2 * data.length);
    data = [...data.filter(() => random() > gone), ...Array.from({ length: added }, newBlob)];
    // An older version is kept in another order, too.
    if (random() < 0.3) data.sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}

/** 16 bytes that differ for every version. */
const uuidOf = (version: Version): Uint8Array =>
  createHash('sha256')
    .update(`uuid ${version.name} ${version.files.length}`)
    .digest()
    .subarray(0, 16);

const requestOf = (version: Version) => ({
  ...version,
  target: 'stick.img',
  label: LABEL,
  uuid: uuidOf(version),
  hashSeed: HASH_SEED,
  timestamp: TIMESTAMP,
});

export function wholeLayout(version: Version, size: number): Layout {
  return layoutExt4({ ...requestOf(version), size });
}

/** What of a version is on the stick, as a refresh finds it. */
export async function placesOn(path: string, version: Version): Promise<BlobPlaces> {
  using source = new FileReader(path);
  const wanted = new Map(
    version.files.map(({ path: name, size }, fileIndex) => [name, { fileIndex, size }]),
  );
  const ext4 = await Ext4Reader.open(source, path);
  const { signal } = new AbortController();
  return await findBlobs(
    ext4,
    (name) => (name.startsWith('data/') ? wanted.get(name) : undefined),
    mostRuns,
    signal,
  );
}

export function refreshLayout(version: Version, size: number, places: BlobPlaces): Layout | null {
  return atOnce(refreshExt4Steps({ ...requestOf(version), size, places }));
}

function bytesOf(piece: Piece, version: Version): Uint8Array {
  if (piece.kind === 'bytes') return piece.bytes;
  if (piece.kind === 'zeros') return new Uint8Array(piece.length);
  return contentOf(version.files[piece.fileIndex]?.path ?? '', piece.from, piece.length);
}

/** Writes a layout onto a stick in the order of a lane. Offsets must ascend. @returns bytes of files written. */
export function writeLayout(path: string, layout: Layout, version: Version): number {
  const file = openSync(path, 'r+');
  let written = 0;
  let reached = 0;
  try {
    for (const { offset, length } of layout.wipe) writeAll(file, offset, new Uint8Array(length));
    for (const piece of layout.pieces()) {
      if (piece.offset < reached) throw new Error(`a piece at ${piece.offset} after ${reached}`);
      const bytes = bytesOf(piece, version);
      reached = piece.offset + bytes.length;
      if (piece.kind === 'file') written += bytes.length;
      writeAll(file, piece.offset, bytes);
    }
    if (layout.commit !== null) writeAll(file, layout.commit.offset, layout.commit.bytes);
  } finally {
    closeSync(file);
  }
  return written;
}

export function newStick(path: string, size: number): void {
  const file = openSync(path, 'w+');
  ftruncateSync(file, size);
  closeSync(file);
}
