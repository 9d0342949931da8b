import fc from 'fast-check';
import { mutatedBytes } from './mutate.ts';
import type { FuzzTarget } from './target.ts';

const BLOCK = 512;

/** Makes header checksums right again, wherever a block looks like a header. */
function repairTar(bytes: Buffer): Buffer {
  for (const block of blocksOf(bytes)) {
    if (!isHeader(block)) continue;
    block.fill(0x20, 148, 156);
    let sum = 0;
    for (const byte of block) sum += byte;
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  }
  return bytes;
}

/** Name, size, type, link, magic, prefix. */
const TAR_FIELDS = [0, 0, 2, 5, 5, 9, 100, 124, 130, 135, 156, 157, 257, 263, 345];

/** Every second change at the beginning of a field of a header, which a body is mostly none. */
function placeInTar(bytes: Buffer, at: number): number {
  if (at % 2 === 0) return at % Math.max(1, bytes.length);
  return inBlock(bytes, at, TAR_FIELDS[(at >>> 1) % TAR_FIELDS.length]);
}

export const tarInputs: FuzzTarget['inputs'] = (corpus) =>
  mutatedBytes(corpus, repairTar, placeInTar);

/** Offsets and lengths of runs in GNU tar's and star's headers: where their last digits are. */
const GNU_RUNS = Array.from({ length: 8 }, (_, i) => 386 + 12 * i);
const STAR_RUNS = Array.from({ length: 8 }, (_, i) => 356 + 12 * i);
const GNU_SIZE = 483;
const STAR_SIZE = 452;
const DIGITS = 11;
const SPARSE_FIELDS = [...GNU_RUNS, ...STAR_RUNS, GNU_SIZE, STAR_SIZE].flatMap((field) => [
  field + DIGITS - 4,
  field + DIGITS - 3,
]);

/** A third anywhere, a third in digits of a header's map, a third where pax records and maps stand. */
function placeInMap(bytes: Buffer, at: number): number {
  if (at % 3 === 0) return at % Math.max(1, bytes.length);
  const within = at >>> 2;
  const field = at % 3 === 1 ? SPARSE_FIELDS[within % SPARSE_FIELDS.length] : within % 120;
  return inBlock(bytes, at, field);
}

/** Makes numbers of maps numbers again: what a map says is judged only when it can be read. */
function repairMaps(bytes: Buffer): Buffer {
  for (const block of blocksOf(bytes)) {
    if (isHeader(block)) {
      if (block[156] !== 0x53) continue;
      const isStar = block[262] === 0;
      for (const field of isStar ? [...STAR_RUNS, STAR_SIZE] : [...GNU_RUNS, GNU_SIZE])
        makeDigits(block.subarray(field, field + DIGITS), 0x37, '');
    } else if (block.includes('GNU.sparse.')) {
      const text = block.toString('latin1');
      for (const { index, 0: key } of text.matchAll(/GNU\.sparse\.[a-z]+=/g)) {
        const from = index + key.length;
        const end = text.indexOf('\n', from);
        if (!key.endsWith('.name=')) makeDigits(block.subarray(from, end), 0x39, ',');
      }
    } else if (/^\d/.test(block.toString('latin1', 0, 1))) makeDigits(block, 0x39, '\n');
  }
  return repairTar(bytes);
}

/** NUL and what is kept stay; all else becomes a digit, none above `last`. */
function makeDigits(field: Buffer, last: number, kept: string): void {
  for (const [i, byte] of field.entries())
    if (byte !== 0 && byte !== kept.charCodeAt(0) && (byte < 0x30 || byte > last))
      field[i] = 0x30 | (byte & 7);
}

export const sparseInputs: FuzzTarget['inputs'] = (corpus) =>
  fc.oneof(
    { weight: 1, arbitrary: mutatedBytes(corpus, repairTar, placeInTar) },
    { weight: 3, arbitrary: mutatedBytes(corpus, repairMaps, placeInMap) },
  );

function inBlock(bytes: Buffer, at: number, offset = 0): number {
  const block = (at >>> 9) % Math.max(1, Math.floor(bytes.length / BLOCK));
  return block * BLOCK + offset;
}

function* blocksOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at + BLOCK <= bytes.length; at += BLOCK) yield bytes.subarray(at, at + BLOCK);
}

function isHeader(block: Buffer): boolean {
  return block.toString('latin1', 257, 262) === 'ustar';
}
