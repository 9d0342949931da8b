import { builderError } from '../../../shared/errors.ts';
import { BLOCK, headerSum, octalField, statedSum } from '../tar/header.ts';
import { MAX_MEMBER_NAME_BYTES } from './member-name.ts';
import { parsePaxRecords } from './pax-records.ts';

/** Largest body of a pax or GNU long-name header; names and a few attributes need far less. */
const MAX_EXTENDED_HEADER_BYTES = 1024 * 1024;

/** Largest file of an ext4 filesystem with 4 KiB blocks; a larger claim is a lie. */
export const MAX_MEMBER_BYTES = 16 * 1024 ** 4;

export interface TarMember {
  readonly name: string;
  readonly type: 'file' | 'hardlink' | 'directory' | 'other';
  /** Content bytes; 0 for all but files. */
  readonly size: number;
  /** Offset of the content in the tar stream. */
  readonly offset: number;
  /** Target of a hard link, else empty. */
  readonly linkName: string;
}

/** A run of the tar stream that the parser must see next. */
export interface Need {
  readonly offset: number;
  readonly length: number;
}

interface Overrides {
  readonly path?: string;
  readonly linkpath?: string;
  readonly size?: number;
}

const NO_OVERRIDES: Overrides = {};

/**
 * Reads the headers of a tar archive and nothing else: it says which bytes it needs, the caller
 * brings them from wherever they are. So one parser serves positioned reads and streams, and no
 * body passes through it. Dialects: V7, ustar, GNU, pax.
 */
export class TarParser {
  readonly #file: string;
  #need: Need | null = { offset: 0, length: BLOCK };
  #body: { type: string } | null = null;
  /** From pax `x`, GNU `L` and `K` headers: for the next member only. */
  #overrides: Overrides = NO_OVERRIDES;
  /** From pax `g` headers: for all that follow. */
  #globals: Overrides = NO_OVERRIDES;
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
    return this.#body === null
      ? this.#pushHeader(bytes, need.offset)
      : this.#pushBody(bytes, need.offset, this.#body);
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
    if (EXTENDED_TYPES.has(typeKey)) {
      const size = this.#checkedSize(sizeField(block), MAX_EXTENDED_HEADER_BYTES, offset);
      this.#body = { type: typeKey };
      this.#need = { offset: offset + BLOCK, length: size };
      // An empty extended header has no body to wait for.
      return size === 0 ? this.push(Buffer.alloc(0)) : null;
    }
    // A sparse member's bytes are not its content; GNU tar marks them so.
    if (typeKey === 'S') throw this.#corrupt(`sparse member at byte ${offset}`);
    return this.#toMember(typeKey, block, offset);
  }

  #toMember(typeKey: string, block: Buffer, offset: number): TarMember {
    const globals = this.#globals;
    const overrides = this.#overrides;
    this.#overrides = NO_OVERRIDES;
    const name = overrides.path ?? globals.path ?? ustarName(block);
    if (name.length > MAX_MEMBER_NAME_BYTES) throw this.#corrupt(`name too long at byte ${offset}`);
    const type = memberType(typeKey, name);
    const claimed = overrides.size ?? globals.size ?? sizeField(block);
    const stored = this.#checkedSize(claimed, MAX_MEMBER_BYTES, offset);
    // Hard links and folders may carry a size without a body (POSIX: no data follows type 1 and 5).
    const size = type === 'hardlink' || type === 'directory' ? 0 : stored;
    const content = offset + BLOCK;
    this.#need = { offset: content + Math.ceil(size / BLOCK) * BLOCK, length: BLOCK };
    const linkpath = overrides.linkpath ?? globals.linkpath;
    const linkName = type === 'hardlink' ? (linkpath ?? cString(block, 157, 100)) : '';
    return { name, type, size: type === 'file' ? size : 0, offset: content, linkName };
  }

  #pushBody(body: Buffer, offset: number, { type }: { type: string }): null {
    this.#body = null;
    this.#need = { offset: offset + Math.ceil(body.length / BLOCK) * BLOCK, length: BLOCK };
    const text = () => cString(body, 0, body.length);
    const more =
      type === 'L'
        ? { path: text() }
        : type === 'K'
          ? { linkpath: text() }
          : this.#paxOverrides(body, offset);
    if (type === 'g') this.#globals = { ...this.#globals, ...more };
    else this.#overrides = { ...this.#overrides, ...more };
    return null;
  }

  #paxOverrides(body: Buffer, offset: number): Overrides {
    const records = parsePaxRecords(body);
    if (records === null) throw this.#corrupt(`pax header at byte ${offset}`);
    const overrides: { path?: string; linkpath?: string; size?: number } = {};
    for (const [key, value] of records) {
      // An empty value deletes the record; GNU.sparse.* changes what the body means.
      if (key.startsWith('GNU.sparse.')) throw this.#corrupt(`sparse member at byte ${offset}`);
      if (value === '') continue;
      if (key === 'path') overrides.path = value;
      if (key === 'linkpath') overrides.linkpath = value;
      if (key === 'size') overrides.size = /^\d{1,20}$/.test(value) ? Number(value) : Number.NaN;
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
  if (block[345] === 0 || block.toString('latin1', 257, 263) !== 'ustar\0') return name;
  return `${cString(block, 345, 155)}/${name}`;
}

/**
 * The size field: octal digits, or base-256 (GNU) where its first bit is set.
 * @returns NaN for what is neither.
 */
function sizeField(block: Buffer): number {
  const first = block[124] ?? 0;
  if ((first & 0x80) === 0) return octalField(block, 124, 12) ?? 0;
  // A set second bit is the sign of a negative number.
  const value = BigInt(`0x${block.toString('hex', 124, 136)}`) & ((1n << 95n) - 1n);
  return (first & 0x40) === 0 ? Number(value) : Number.NaN;
}

function cString(bytes: Buffer, start: number, length: number): string {
  let end = start;
  while (end < start + length && bytes[end] !== 0) end++;
  return bytes.toString('utf8', start, end);
}
