import { isZeros } from '../zeros.ts';
import { BLOCK, headerSum, octalField, statedSum } from '../tar/format/header.ts';

/** One header as stored, without what extended headers add. */
export interface RawHeader {
  readonly type: string;
  readonly name: Buffer;
  readonly linkName: Buffer;
  readonly size: number;
  readonly mode: number;
  /** What two readers would take differently, in words; empty where all agree. */
  readonly doubts: readonly string[];
}

/** Offset and bytes of the fields that every dialect has (POSIX ustar interchange format). */
const NAME = { at: 0, bytes: 100 } as const;
const MODE = { at: 100, bytes: 8 } as const;
const UID = { at: 108, bytes: 8 } as const;
const GID = { at: 116, bytes: 8 } as const;
const SIZE = { at: 124, bytes: 12 } as const;
const MTIME = { at: 136, bytes: 12 } as const;
const SUM = { at: 148, bytes: 8 } as const;
const TYPE_AT = 156;
const LINK_NAME = { at: 157, bytes: 100 } as const;
const MAGIC = { at: 257, bytes: 8 } as const;
const PREFIX = { at: 345, bytes: 155 } as const;
/**
 * sparse, isextended and realsize of GNU headers. libarchive reads them for every type of member, GNU tar for
 * sparse ones alone.
 */
const GNU_SPARSE = { at: 386, bytes: 109 } as const;

/** uid_t and gid_t of Linux; GNU tar ends with an error for what is beyond. */
const MAX_ID = 0xffff_ffff;

/** magic and version: POSIX ustar, GNU, and none at all (V7). */
const USTAR = 'ustar\x0000';
const GNU = 'ustar  \0';
const V7 = '\0'.repeat(MAGIC.bytes);

/** Whether the block is a tar header: the checksum is what every dialect has. */
export function isTarHeader(block: Uint8Array): boolean {
  return block.length >= BLOCK && headerSum(block) === statedSum(block);
}

/** Reads a header whose checksum is right. The name's memory is copied. */
export function readHeader(block: Buffer): RawHeader {
  const doubts: string[] = [];
  const number = (field: { at: number; bytes: number }, what: string) => {
    const value = numericField(block, field.at, field.bytes);
    // GNU tar ends with an error for a field that is no number, bsdtar takes it for 0.
    if (value === null) doubts.push(`its ${what} is no number`);
    return value ?? 0;
  };
  const magic = block.toString('latin1', MAGIC.at, MAGIC.at + MAGIC.bytes);
  // GNU tar wants the whole magic before it looks at the prefix, bsdtar five letters of it.
  if (magic !== USTAR && magic !== GNU && magic !== V7) doubts.push('its dialect is unknown');
  if (magic === GNU && !isZeros(block.subarray(GNU_SPARSE.at, GNU_SPARSE.at + GNU_SPARSE.bytes)))
    doubts.push('its header tells of holes');
  // bsdtar takes a header with any other byte there for damage.
  if (!/^[0-7 \0]*$/.test(block.toString('latin1', SUM.at, SUM.at + SUM.bytes)))
    doubts.push('its checksum is no number');
  const name = text(block, NAME);
  const prefix = magic === USTAR ? text(block, PREFIX) : Buffer.alloc(0);
  if (number(UID, 'owner') > MAX_ID) doubts.push('its owner is out of range');
  if (number(GID, 'group') > MAX_ID) doubts.push('its group is out of range');
  // Times alone may be before 1970.
  if (block[MTIME.at] !== NEGATIVE_BASE_256) number(MTIME, 'time');
  else if (!Number.isSafeInteger(signedField(block, MTIME))) doubts.push('its time is no number');
  return {
    type: String.fromCharCode(block[TYPE_AT] ?? 0),
    name: prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]),
    linkName: text(block, LINK_NAME),
    size: number(SIZE, 'size'),
    mode: number(MODE, 'mode'),
    doubts,
  };
}

/** Up to the first NUL. */
function text(block: Buffer, { at, bytes }: { at: number; bytes: number }): Buffer {
  const field = block.subarray(at, at + bytes);
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end));
}

const BASE_256 = 0x80;
const NEGATIVE_BASE_256 = 0xff;

/** Base-256 as a two's complement number, rounded where it is not a safe integer. */
function signedField(block: Buffer, { at, bytes }: { at: number; bytes: number }): number {
  return Number(BigInt.asIntN(8 * bytes, BigInt(`0x${block.toString('hex', at, at + bytes)}`)));
}

/** Octal digits, or base-256 (GNU). null for blanks, a negative number, and what is no number. */
function numericField(block: Buffer, at: number, bytes: number): number | null {
  if (block[at] === BASE_256) {
    const value = Number(BigInt(`0x${block.toString('hex', at + 1, at + bytes)}`));
    return Number.isSafeInteger(value) ? value : null;
  }
  // An empty field is 0 for both readers, one of spaces is an error of GNU tar's.
  const value = octalField(block, at, bytes) ?? (block[at] === 0 ? 0 : Number.NaN);
  return Number.isNaN(value) ? null : value;
}
