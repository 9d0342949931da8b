import { isAscii, isUtf8 } from 'node:buffer';

/** What extended headers say of the member behind them. */
export interface Extension {
  readonly path?: Buffer;
  readonly linkpath?: Buffer;
  readonly size?: number;
}

export interface ReadExtension {
  readonly extension: Extension;
  /** What two readers would take differently, in words. */
  readonly doubts: readonly string[];
}

const CHARSET = 'hdrcharset';

type Rule = (value: Buffer) => boolean;

const matches =
  (pattern: RegExp): Rule =>
  (value) =>
    pattern.test(value.toString('latin1'));
const anything: Rule = () => true;
const isTime = matches(/^-?\d{1,12}(\.\d{0,20})?$/);
const isNumber = matches(/^\d{1,18}$/);
/** uid_t and gid_t of Linux. */
const isId: Rule = (value) => matches(/^\d{1,10}$/)(value) && Number(value) <= 0xffff_ffff;
/** Entries of an ACL as acl_to_text(3) writes them, with ids behind those of named users or groups. */
const ACL_ENTRY = String.raw`(default:)?(user|group|mask|other):[^:,\n]*:[r-][w-][x-](:\d{1,10})?`;
const isAcl = matches(new RegExp(`^${ACL_ENTRY}([,\\n]${ACL_ENTRY})*[,\\n]?$`));
/** It sets the mode, too: the owner must be able to read. */
const isReadableAcl: Rule = (value) => isAcl(value) && /(^|[,\n])user::r/.test(value.toString());

/**
 * pax records without an effect on what is extracted where. GNU tar wants times and ids to be numbers, bsdtar
 * names of owners to be UTF-8.
 */
const HARMLESS: ReadonlyMap<string, Rule> = new Map([
  ['mtime', isTime],
  ['atime', isTime],
  ['ctime', isTime],
  ['LIBARCHIVE.creationtime', isTime],
  ['uid', isId],
  ['gid', isId],
  ['SCHILY.dev', isNumber],
  ['SCHILY.ino', isNumber],
  ['SCHILY.nlink', matches(/^\d{1,9}$/)],
  ['uname', isUtf8],
  ['gname', isUtf8],
  ['comment', anything],
  ['RHT.security.selinux', anything],
  ['SCHILY.acl.access', isReadableAcl],
  ['SCHILY.acl.default', isAcl],
  ['SCHILY.fflags', matches(/^[a-z]+(,[a-z]+)*$/)],
  // The second one is what pax headers have anyway.
  [CHARSET, matches(/^(BINARY|ISO-IR 10646 2000 UTF-8)$/)],
]);
/** Extended attributes, whose names are the rest of the key. */
const HARMLESS_PREFIXES = ['SCHILY.xattr.', 'LIBARCHIVE.xattr.'];
/** Of a header for all members. */
const HARMLESS_GLOBAL = new Set(['comment', 'GNU.volume.label']);

function isHarmless(key: string, value: Buffer, isGlobal: boolean): boolean {
  if (isGlobal) return HARMLESS_GLOBAL.has(key);
  return HARMLESS.get(key)?.(value) ?? HARMLESS_PREFIXES.some((prefix) => key.startsWith(prefix));
}

/** Records whose bytes `hdrcharset` gives another meaning, for bsdtar alone. */
const TEXTS = new Set(['path', 'linkpath', 'uname', 'gname']);

/** The body of a GNU long name (`L`) or long link (`K`). */
export function readLongName(type: string, body: Buffer): ReadExtension {
  const end = body.indexOf(0);
  const name = Buffer.from(end < 0 ? body : body.subarray(0, end));
  // GNU tar reads on to a NUL, beyond what the header says.
  const rest = body.subarray(name.length);
  const isWhole = name.length > 0 && rest.length > 0 && rest.every((byte) => byte === 0);
  return {
    extension: type === 'L' ? { path: name } : { linkpath: name },
    doubts: isWhole ? [] : ['its long name does not end with a NUL'],
  };
}

/**
 * The body of a pax header (POSIX.1-2017, pax, "pax Extended Header"). Only what all readers take alike
 * goes without a doubt: not sparse members, names in other character sets, empty values, keys that come twice.
 * @param isGlobal of a header for all members that follow: GNU tar takes names from it, bsdtar does not.
 */
export function readPax(body: Buffer, isGlobal: boolean): ReadExtension {
  const doubts: string[] = [];
  const extension: { path?: Buffer; linkpath?: Buffer; size?: number } = {};
  const seen = new Set<string>();
  let isPlain = true;
  for (let at = 0; at < body.length;) {
    const record = nextRecord(body, at);
    if (record === null) return { extension, doubts: ['its pax header cannot be read'] };
    const { key, value, end } = record;
    at = end;
    if (seen.has(key)) doubts.push(`its pax header has ${key} twice`);
    seen.add(key);
    if (TEXTS.has(key)) isPlain &&= isAscii(value);
    const known = !isGlobal && value.length > 0;
    const asText = value.toString('latin1');
    if (known && key === 'path') extension.path = value;
    else if (known && key === 'linkpath') extension.linkpath = value;
    else if (known && key === 'size' && /^\d{1,15}$/.test(asText)) extension.size = Number(asText);
    else if (!isHarmless(key, value, isGlobal)) doubts.push(`its pax header has ${key}`);
  }
  if (seen.has(CHARSET) && !isPlain) doubts.push('its names have a character set');
  return { extension, doubts };
}

/** Ten digits count more than any extended header that is read. */
const LENGTH_DIGITS = /^[1-9]\d{0,9}$/;

function nextRecord(body: Buffer, at: number): { key: string; value: Buffer; end: number } | null {
  const space = body.indexOf(0x20, at);
  const digits = space < 0 ? '' : body.toString('latin1', at, Math.min(space, at + 11));
  const end = at + Number(digits);
  if (!LENGTH_DIGITS.test(digits) || end > body.length || body[end - 1] !== 0x0a) return null;
  const equals = body.indexOf(0x3d, space);
  if (equals < 0 || equals >= end - 1) return null;
  return {
    key: body.toString('utf8', space + 1, equals),
    value: Buffer.from(body.subarray(equals + 1, end - 1)),
    end,
  };
}
