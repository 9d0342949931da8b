import { builderError } from '../../../shared/errors.ts';
import { BLOCK, headerSum, octalField, statedSum } from '../tar/format/header.ts';
import { nameText } from '../name-text.ts';
import type { DataRun } from '../content/member-location.ts';
import { MAX_MEMBER_NAME_BYTES } from './member-name.ts';
import { parsePaxRecords } from './pax-records.ts';
import {
  MAX_SPARSE_RUNS,
  PaxSparse,
  SparseFault,
  SparseLimit,
  SparseMap,
  SparseMapText,
} from './sparse-map.ts';

/**
 * Largest body of a pax or GNU long-name header. Names and a few attributes need far less; the map of a
 * sparse file in the older pax forms takes 60 bytes for each run of data.
 */
const MAX_EXTENDED_HEADER_BYTES = 16 * 1024 * 1024;

/** Largest file of an ext4 filesystem with 4 KiB blocks; a larger claim is a lie. */
export const MAX_MEMBER_BYTES = 16 * 1024 ** 4;

export interface TarMember {
  readonly name: string;
  readonly type: 'file' | 'hardlink' | 'directory' | 'other';
  /** Content bytes, of a sparse file with its holes; 0 for all but files. */
  readonly size: number;
  /** Offset of the content in the tar stream. */
  readonly offset: number;
  /** Target of a hard link, else empty. */
  readonly linkName: string;
  /** Of a sparse file: where its data is stored. null: the content is stored as it is. */
  readonly runs: readonly DataRun[] | null;
}

/** A run of the tar stream that the parser must see next. */
export interface Need {
  readonly offset: number;
  readonly length: number;
}

/** What extended headers say instead of a header's fields; null: its own field counts again. */
interface Overrides {
  readonly path?: string | null;
  readonly linkpath?: string | null;
  readonly size?: number | null;
  readonly sparse?: PaxSparse;
}

const NO_OVERRIDES: Overrides = {};

/** Takes the bytes that were needed, and their offset. */
type Step = (bytes: Buffer, offset: number) => TarMember | null;

/** Where old headers of sparse files have their map. */
interface SparseFields {
  readonly entries: number;
  readonly isExtended: number;
  readonly realSize: number;
}

/** Bytes of an entry: offset and length, 12 each. */
const SPARSE_ENTRY_BYTES = 24;
const ENTRIES_IN_HEADER = 4;
const ENTRIES_IN_EXTENSION = 21;
const EXTENSION_IS_EXTENDED = 504;
/** struct oldgnu_header of GNU tar's tar.h. */
const GNU_SPARSE: SparseFields = { entries: 386, isExtended: 482, realSize: 483 };
/** struct star_in_header there: star's header keeps ustar's magic. */
const STAR_SPARSE: SparseFields = { entries: 356, isExtended: 355, realSize: 452 };

/** What is known of a sparse file before its map is. */
interface SparseHead {
  readonly name: string;
  readonly size: number;
  /** Bytes in the archive: the data, and in pax 1.0 the map before it. */
  readonly stored: number;
}

/**
 * Reads the headers of a tar archive and nothing else: it says which bytes it needs, the caller
 * brings them from wherever they are. So one parser serves positioned reads and streams, and no
 * body passes through it. Dialects: V7, ustar, GNU, pax; sparse files of GNU tar, star and bsdtar.
 *
 * @example
 * const parser = new TarParser(path);
 * for (let need = parser.need; need !== null; need = parser.need) {
 *   const member = parser.push(await read(need.offset, need.length));
 *   if (member !== null) index.add(member);
 * }
 */
export class TarParser {
  readonly #file: string;
  #need: Need | null = { offset: 0, length: BLOCK };
  #step: Step = (block, offset) => this.#pushHeader(block, offset);
  /** From pax `x`, GNU `L` and `K` headers: for the next member only. */
  #overrides: Overrides = NO_OVERRIDES;
  /** From pax `g` headers: for all that follow. */
  #globals: Overrides = NO_OVERRIDES;
  /** What {@link MAX_SPARSE_RUNS} leaves for members to come. */
  #runsLeft = MAX_SPARSE_RUNS;
  #end: number | null = null;

  /** @param file the archive's path, for errors. */
  constructor(file: string) {
    this.#file = file;
  }

  /** null after the end-of-archive mark. */
  get need(): Need | null {
    return this.#need;
  }

  /** Offset just behind the end-of-archive mark's first block; only zeros may follow. */
  get end(): number | null {
    return this.#end;
  }

  /**
   * @param bytes exactly what `need` asked for.
   * @returns a member when one is complete.
   */
  push(bytes: Buffer): TarMember | null {
    const need = this.#need;
    if (need === null || bytes.length !== need.length)
      throw new RangeError('the tar parser was given other bytes than it asked for');
    return this.#step(bytes, need.offset);
  }

  #expectHeader(offset: number): void {
    this.#step = (block, at) => this.#pushHeader(block, at);
    this.#need = { offset, length: BLOCK };
  }

  #pushHeader(block: Buffer, offset: number): TarMember | null {
    const sum = headerSum(block);
    if (sum === EMPTY_SUM && isEmpty(block)) {
      this.#end = offset + BLOCK;
      this.#need = null;
      return null;
    }
    if (sum !== statedSum(block)) throw this.#corrupt(`header checksum at byte ${offset}`);
    const typeKey = String.fromCharCode(block[156] ?? 0);
    if (!EXTENDED_TYPES.has(typeKey)) return this.#toMember(typeKey, block, offset);
    const size = this.#checkedSize(sizeField(block), MAX_EXTENDED_HEADER_BYTES, offset);
    this.#step = (body, at) => this.#pushBody(body, at, typeKey);
    this.#need = { offset: offset + BLOCK, length: size };
    // An empty extended header has no body to wait for.
    return size === 0 ? this.push(Buffer.alloc(0)) : null;
  }

  #toMember(typeKey: string, block: Buffer, offset: number): TarMember | null {
    const overrides =
      this.#overrides === NO_OVERRIDES ? this.#globals : { ...this.#globals, ...this.#overrides };
    this.#overrides = NO_OVERRIDES;
    const { sparse } = overrides;
    const name = sparse?.name ?? overrides.path ?? ustarName(block);
    if (name.length > MAX_MEMBER_NAME_BYTES) throw this.#corrupt(`name too long at byte ${offset}`);
    const type = memberType(typeKey, name);
    const claimed = overrides.size ?? sizeField(block);
    const stored = this.#checkedSize(claimed, MAX_MEMBER_BYTES, offset);
    const content = offset + BLOCK;
    if (typeKey === SPARSE_TYPE) return this.#oldSparse(block, { name, size: 0, stored }, content);
    if (type === 'file' && sparse !== undefined)
      return this.#paxSparse(sparse, { name, size: 0, stored }, content);
    // Hard links and folders may carry a size without a body (POSIX: no data follows type 1 and 5).
    const size = type === 'hardlink' || type === 'directory' ? 0 : stored;
    this.#expectHeader(content + padded(size));
    const linkName = type === 'hardlink' ? (overrides.linkpath ?? cString(block, 157, 100)) : '';
    return { name, type, size: type === 'file' ? size : 0, offset: content, linkName, runs: null };
  }

  /** The map is in the header and in the blocks after it, each of which says whether one more follows. */
  #oldSparse(block: Buffer, head: SparseHead, content: number): TarMember | null {
    const fields = hasUstarMagic(block) ? STAR_SPARSE : GNU_SPARSE;
    const size = this.#checkedSize(
      numberField(block, fields.realSize) ?? Number.NaN,
      MAX_MEMBER_BYTES,
      content - BLOCK,
    );
    const map = new SparseMap(this.#runsLeft);
    const take = (from: Buffer, entries: number, count: number, flag: number, next: number) => {
      const isLast = this.#sparsely(next - BLOCK, () => addEntries(map, from, entries, count));
      if (from[flag] === 0) return this.#finishSparse(map, { ...head, size }, next, head.stored);
      if (isLast) throw this.#corrupt(`sparse map at byte ${next - BLOCK}`);
      this.#step = (more) =>
        take(more, 0, ENTRIES_IN_EXTENSION, EXTENSION_IS_EXTENDED, next + BLOCK);
      this.#need = { offset: next, length: BLOCK };
      return null;
    };
    return take(block, fields.entries, ENTRIES_IN_HEADER, fields.isExtended, content);
  }

  /** The map is in the pax header, or, in version 1.0, before the data. */
  #paxSparse(sparse: PaxSparse, head: SparseHead, content: number): TarMember | null {
    const size = this.#checkedSize(sparse.size ?? Number.NaN, MAX_MEMBER_BYTES, content - BLOCK);
    const map = new SparseMap(this.#runsLeft);
    const known = { ...head, size };
    if (this.#sparsely(content - BLOCK, () => sparse.fill(map)))
      return this.#finishSparse(map, known, content, head.stored);
    const text = new SparseMapText(map);
    this.#step = (block, at) => {
      const next = at + BLOCK;
      const isWhole = this.#sparsely(at, () => text.push(block));
      const data = head.stored - (next - content);
      if (data < 0) throw this.#corrupt(`sparse map at byte ${at}`);
      if (isWhole) return this.#finishSparse(map, known, next, data);
      this.#need = { offset: next, length: BLOCK };
      return null;
    };
    this.#need = { offset: content, length: BLOCK };
    return null;
  }

  /** @param offset of the data. @param stored bytes of it. */
  #finishSparse(map: SparseMap, head: SparseHead, offset: number, stored: number): TarMember {
    const { name, size } = head;
    this.#runsLeft -= map.count;
    const runs = this.#sparsely(offset, () => map.place(size, stored, offset));
    this.#expectHeader(offset + padded(stored));
    // Without a hole it is a file like any other.
    const isWhole = stored === size;
    return { name, type: 'file', size, offset, linkName: '', runs: isWhole ? null : runs };
  }

  #sparsely<Result>(offset: number, use: () => Result): Result {
    try {
      return use();
    } catch (error) {
      if (error instanceof SparseFault)
        throw this.#corrupt(`sparse file at byte ${offset}: ${error.message}`);
      if (error instanceof SparseLimit)
        throw builderError('archive-limit', {
          file: this.#file,
          what: 'runs of sparse files',
          limit: MAX_SPARSE_RUNS,
        });
      throw error;
    }
  }

  #pushBody(body: Buffer, offset: number, type: string): null {
    this.#expectHeader(offset + padded(body.length));
    const text = () => cString(body, 0, body.length);
    const more =
      type === 'L'
        ? { path: text() }
        : type === 'K'
          ? { linkpath: text() }
          : this.#paxOverrides(body, offset);
    if (type !== 'g') this.#overrides = { ...this.#overrides, ...more };
    // Every member would be the same sparse file.
    else if (more.sparse !== undefined) throw this.#corrupt(`global sparse file at byte ${offset}`);
    else this.#globals = { ...this.#globals, ...more };
    return null;
  }

  #paxOverrides(body: Buffer, offset: number): Overrides {
    const records = parsePaxRecords(body);
    if (records === null) throw this.#corrupt(`pax header at byte ${offset}`);
    const overrides: { -readonly [Key in keyof Overrides]: Overrides[Key] } = {};
    for (const [key, value] of records) {
      // An empty value takes back what was said before, by a global header too (POSIX, pax).
      const isEmptied = value === '';
      if (key === 'path') overrides.path = isEmptied ? null : value;
      else if (key === 'linkpath') overrides.linkpath = isEmptied ? null : value;
      else if (key === 'size') overrides.size = isEmptied ? null : toSize(value);
      // Where the holes are, after the data that is stored without them: as stored it would be another file.
      else if (key === SOLARIS_SPARSE_KEY && !isEmptied)
        throw builderError('archive-kind-unsupported', {
          file: this.#file,
          kind: `tar (${SOLARIS_SPARSE_KEY})`,
        });
      else if (key.startsWith(SPARSE_KEY)) {
        const sparse = (overrides.sparse ??= new PaxSparse());
        this.#sparsely(offset, () => sparse.add(key.slice(SPARSE_KEY.length), value));
      }
    }
    return overrides;
  }

  #checkedSize(size: number, limit: number, offset: number): number {
    if (!Number.isSafeInteger(size) || size < 0) throw this.#corrupt(`size at byte ${offset}`);
    if (size > limit)
      throw builderError('archive-limit', { file: this.#file, what: 'member-size', limit });
    return size;
  }

  #corrupt(reason: string) {
    return builderError('archive-corrupt', { file: this.#file, reason });
  }
}

/** The sum of a block of zeros; the checksum field counts as spaces. */
const EMPTY_SUM = 8 * 0x20;

function isEmpty(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

/** GNU tar's and star's old mark of a sparse file. */
const SPARSE_TYPE = 'S';
/** What records of a sparse file in a pax header begin with. */
const SPARSE_KEY = 'GNU.sparse.';
/** The record of Solaris tar for one; no tool of Linux makes it. */
const SOLARIS_SPARSE_KEY = 'SUN.holesdata';

/** pax next and global, their Solaris form, GNU long name and long link. */
const EXTENDED_TYPES = new Set(['x', 'X', 'g', 'L', 'K']);

function memberType(typeKey: string, name: string): TarMember['type'] {
  switch (typeKey) {
    case '0':
    case '\0':
    case '7':
      // V7 archives mark a folder only by the slash.
      return name.endsWith('/') ? 'directory' : 'file';
    case '1':
      return 'hardlink';
    case '5':
      return 'directory';
    default:
      return 'other';
  }
}

/** name and prefix fields; the prefix exists only in POSIX ustar, GNU uses its bytes otherwise. */
function ustarName(block: Buffer): string {
  const name = cString(block, 0, 100);
  // Most names need no prefix.
  if (block[345] === 0 || !hasUstarMagic(block)) return name;
  return `${cString(block, 345, 155)}/${name}`;
}

/** GNU tar's own headers have spaces behind it. */
function hasUstarMagic(block: Buffer): boolean {
  return block.toString('latin1', 257, 263) === 'ustar\0';
}

/** 0 where the field has no digits. */
function sizeField(block: Buffer): number {
  return numberField(block, 124) ?? 0;
}

/**
 * A field of 12 bytes: octal digits, or base-256 (GNU) where its first bit is set.
 * @returns null for a field without digits, NaN for what is neither.
 */
function numberField(block: Buffer, at: number): number | null {
  const first = block[at] ?? 0;
  if ((first & 0x80) === 0) return octalField(block, at, 12);
  // A set second bit is the sign of a negative number.
  const value = BigInt(`0x${block.toString('hex', at, at + 12)}`) & ((1n << 95n) - 1n);
  return (first & 0x40) === 0 ? Number(value) : Number.NaN;
}

/** A decimal number of a pax record; NaN for what is none. */
function toSize(text: string): number {
  return /^\d{1,20}$/.test(text) ? Number(text) : Number.NaN;
}

/**
 * Adds the entries of a header or its extension up to the first without a length.
 * @returns whether there was one.
 */
function addEntries(map: SparseMap, block: Buffer, at: number, count: number): boolean {
  for (let i = 0; i < count; i++) {
    const entry = at + i * SPARSE_ENTRY_BYTES;
    const length = numberField(block, entry + SPARSE_ENTRY_BYTES / 2);
    if (length === null) return true;
    map.add(numberField(block, entry) ?? 0, length);
  }
  return false;
}

/** A body fills whole blocks. */
function padded(bytes: number): number {
  return Math.ceil(bytes / BLOCK) * BLOCK;
}

function cString(bytes: Buffer, start: number, length: number): string {
  let end = start;
  while (end < start + length && bytes[end] !== 0) end++;
  return nameText(bytes, start, end);
}
