import { builderError } from '../../../shared/errors.ts';
import { BLOCK, headerSum, statedSum } from '../tar/header.ts';
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
  path?: string;
  linkpath?: string;
  size?: number;
}

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
  #overrides: Overrides = {};
  /** From pax `g` headers: for all that follow. */
  #globals: Overrides = {};
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
    const typeKey = block.toString('latin1', 156, 157);
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
    const { path, linkpath, size: paxSize } = { ...this.#globals, ...this.#overrides };
    this.#overrides = {};
    const name = path ?? ustarName(block);
    if (name.length > MAX_MEMBER_NAME_BYTES) throw this.#corrupt(`name too long at byte ${offset}`);
    const type = memberType(typeKey, name);
    const stored = this.#checkedSize(paxSize ?? sizeField(block), MAX_MEMBER_BYTES, offset);
    // Hard links and folders may carry a size without a body (POSIX: no data follows type 1 and 5).
    const size = type === 'hardlink' || type === 'directory' ? 0 : stored;
    const content = offset + BLOCK;
    this.#need = { offset: content + Math.ceil(size / BLOCK) * BLOCK, length: BLOCK };
    const linkName = type === 'hardlink' ? (linkpath ?? cString(block, 157, 100)) : '';
    return { name, type, size: type === 'file' ? size : 0, offset: content, linkName };
  }

  #pushBody(body: Buffer, offset: number, { type }: { type: string }): null {
    this.#body = null;
    this.#need = { offset: offset + Math.ceil(body.length / BLOCK) * BLOCK, length: BLOCK };
    if (type === 'L') this.#overrides.path = cString(body, 0, body.length);
    else if (type === 'K') this.#overrides.linkpath = cString(body, 0, body.length);
    else {
      const overrides = this.#paxOverrides(body, offset);
      Object.assign(type === 'g' ? this.#globals : this.#overrides, overrides);
    }
    return null;
  }

  #paxOverrides(body: Buffer, offset: number): Overrides {
    const records = parsePaxRecords(body);
    if (records === null) throw this.#corrupt(`pax header at byte ${offset}`);
    const overrides: Overrides = {};
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
  const isUstar = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? cString(block, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/**
 * The size field: octal digits, or base-256 (GNU) where its first bit is set.
 * @returns NaN for what is neither.
 */
function sizeField(block: Buffer): number {
  const field = block.subarray(124, 136);
  const [first = 0] = field;
  if ((first & 0x80) === 0) {
    const digits = field.toString('latin1').replace(/^ +|[\0 ].*$/gs, '');
    return /^[0-7]*$/.test(digits) ? Number.parseInt(`0${digits}`, 8) : Number.NaN;
  }
  // A set second bit is the sign of a negative number.
  const value = BigInt(`0x${field.toString('hex')}`) & ((1n << 95n) - 1n);
  return (first & 0x40) === 0 ? Number(value) : Number.NaN;
}

function cString(bytes: Buffer, start: number, length: number): string {
  const zero = bytes.subarray(start, start + length).indexOf(0);
  return bytes.toString('utf8', start, start + (zero === -1 ? length : zero));
}
