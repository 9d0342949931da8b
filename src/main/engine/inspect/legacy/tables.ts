import { nameText } from '../../name-text.ts';

/**
 * Lines of the four lists (dirs.txt, symlinks.txt, regulars.txt, persistents.txt) in the grammar of
 * tier4/ota-client's metadata parser: fields separated by commas, names in single quotes with `'`
 * written as `'\''`. A name may hold everything else, commas and quotes included, so it reaches to
 * the last quote for which the rest of the line fits.
 */

/** A root filesystem has a few hundred thousand files; ten times that is no vehicle's. */
export const MAX_TABLE_LINES = 4_000_000;

/** 4,000,000 lines of usual length; a list is held in memory as a whole. */
export const MAX_TABLE_BYTES = 512 * 1024 * 1024;

/** Two paths of PATH_MAX with every character escaped stay below it; matching a line takes longer
 * than its length suggests, so a line that no name can fill is not looked at. */
const MAX_LINE_BYTES = 64 * 1024;

/** A few milliseconds of work; see `turn`. */
export const LINES_PER_YIELD = 2_000;

export interface RegularLine {
  /** Absolute path in the vehicle. */
  readonly path: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly nlink: number;
  /** Bytes; null where the generator was too old to tell. */
  readonly size: number | null;
  /** Set when several paths share one inode. */
  readonly inode: string | null;
  readonly compressed: boolean;
}

// CR ends a line for Python's text mode, in which clients read these files.
const NAME = String.raw`'([^\r\n]+)'`;
const OWNER = String.raw`(\d{4}),(\d+),(\d+)`;
const DIRECTORY = new RegExp(`^${OWNER},${NAME}$`);
const SYMLINK = new RegExp(`^${OWNER},${NAME},${NAME}$`);
const PERSISTENT = new RegExp(`^${NAME}$`);
const REGULAR = new RegExp(
  String.raw`^${OWNER},(\d+),([0-9a-fA-F]{64}),${NAME}(?:,(\d*)(?:,(\d*)(?:,([a-z]*))?)?)?$`,
);

/** Each parser returns null for a line that does not fit. */
export function parseRegular(line: string): RegularLine | null {
  const match = REGULAR.exec(line);
  if (match === null) return null;
  const [, , , , nlink, sha256, path, size, inode, algorithm] = match;
  if (sha256 === undefined || path === undefined || !path.startsWith('/')) return null;
  if (algorithm !== undefined && !['', 'zst', 'zstd'].includes(algorithm)) return null;
  return {
    path: unescapeName(path),
    sha256: sha256.toLowerCase(),
    nlink: Number(nlink),
    size: size === undefined || size === '' ? null : Number(size),
    inode: inode === undefined || inode === '' ? null : inode,
    compressed: algorithm !== undefined && algorithm !== '',
  };
}

/** A line of dirs.txt: `mode,uid,gid,'path'`. */
export function isDirectoryLine(line: string): boolean {
  return isAbsolute(DIRECTORY.exec(line)?.[4]);
}

/** A line of symlinks.txt: `mode,uid,gid,'link','target'`. */
export function isSymlinkLine(line: string): boolean {
  return isAbsolute(SYMLINK.exec(line)?.[4]);
}

/** A line of persistents.txt: `'path'`. */
export function isPersistentLine(line: string): boolean {
  return isAbsolute(PERSISTENT.exec(line)?.[1]);
}

function isAbsolute(path: string | undefined): boolean {
  return path?.startsWith('/') ?? false;
}

function unescapeName(name: string): string {
  return name.includes("'") ? name.replaceAll(String.raw`'\''`, "'") : name;
}

/**
 * Lines of a list one by one with their numbers from 1; the last needs no line feed. A line that is
 * too long for any name comes as an empty text, which fits no grammar.
 */
export function* tableLines(bytes: Uint8Array): Generator<{ text: string; number: number }> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let number = 1;
  for (let start = 0; start < buffer.length; number++) {
    const feed = buffer.indexOf(0x0a, start);
    const end = feed === -1 ? buffer.length : feed;
    const text = end - start > MAX_LINE_BYTES ? '' : nameText(buffer, start, end);
    yield { text, number };
    start = end + 1;
  }
}
