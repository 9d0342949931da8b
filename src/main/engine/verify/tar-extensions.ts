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

/** pax records without an effect on what is extracted where; GNU tar wants times and ids to be numbers. */
const HARMLESS = new Map([
  ['mtime', /^-?\d{1,12}(\.\d{0,20})?$/],
  ['atime', /^-?\d{1,12}(\.\d{0,20})?$/],
  ['ctime', /^-?\d{1,12}(\.\d{0,20})?$/],
  ['LIBARCHIVE.creationtime', /^-?\d{1,12}(\.\d{0,20})?$/],
  ['uid', /^\d{1,9}$/],
  ['gid', /^\d{1,9}$/],
  ['SCHILY.dev', /^\d{1,18}$/],
  ['SCHILY.ino', /^\d{1,18}$/],
  ['SCHILY.nlink', /^\d{1,9}$/],
  ['uname', /^/],
  ['gname', /^/],
  ['comment', /^/],
]);

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
 * goes without a doubt: not sparse members, other character sets, empty values, keys that come twice.
 * @param isGlobal of a header for all members that follow: GNU tar takes names from it, bsdtar does not.
 */
export function readPax(body: Buffer, isGlobal: boolean): ReadExtension {
  const doubts: string[] = [];
  const extension: { path?: Buffer; linkpath?: Buffer; size?: number } = {};
  const seen = new Set<string>();
  for (let at = 0; at < body.length;) {
    const record = nextRecord(body, at);
    if (record === null) return { extension, doubts: ['its pax header cannot be read'] };
    const { key, value, end } = record;
    at = end;
    if (seen.has(key)) doubts.push(`its pax header has ${key} twice`);
    seen.add(key);
    const known = !isGlobal && value.length > 0;
    const asText = value.toString('latin1');
    if (known && key === 'path') extension.path = value;
    else if (known && key === 'linkpath') extension.linkpath = value;
    else if (known && key === 'size' && /^\d{1,15}$/.test(asText)) extension.size = Number(asText);
    else if (!(isGlobal ? key === 'comment' : HARMLESS.get(key)?.test(asText)))
      doubts.push(`its pax header has ${key}`);
  }
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
