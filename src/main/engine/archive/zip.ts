import { closeSync, openSync, readSync } from '../../files/files.ts';
import { builderError } from '../../../shared/errors.ts';
import type { InputFingerprint } from '../../../shared/model/image-report.ts';
import { toInputError } from '../fs-error.ts';
import { sortInSteps } from '../sort.ts';
import { runYielding, Pace, yieldToEventLoop } from '../event-loop.ts';
import { fingerprint, sameFingerprint } from './fingerprint.ts';
import type { ImageInput } from './image-input.ts';
import type { Member } from '../content/member-location.ts';
import {
  findDirectory,
  parseDirectory,
  widenFields,
  ZipFault,
  type DirectoryPlace,
  type ReadAt,
  type ZipEntry,
} from './zip-directory.ts';

/** Ten times what the largest known image has; keeps a hostile directory from filling the memory. */
export const MAX_ZIP_MEMBERS = 2_000_000;
/** {@link MAX_ZIP_MEMBERS} with names of the length that images use. */
const MAX_DIRECTORY_BYTES = 512 * 1024 * 1024;

const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
const STORED = 0;
/** Bits 0, 6 and 13 of the flags: the content, or the directory, is encrypted. */
const ENCRYPTED_FLAGS = 0x2041;
/** Bit 5: the content is a patch to something else. */
const PATCH_FLAG = 0x0020;
/** Bit 3: size and checksum stand behind the content, and the local header has zeros. */
const DESCRIPTOR_FLAG = 0x0008;
const FILE_TYPE_MASK = 0o170000;
const REGULAR_FILE = 0o100000;

/**
 * Opens a ZIP file whose members are all stored, as OTA images are. The central directory is checked
 * against every local header; entries that overlap (how zip bombs work without compression), equal
 * names, encryption and compression are refused.
 * @throws `input-not-found`, `input-unreadable`, `archive-truncated`, `archive-corrupt`,
 * `archive-limit`, `member-name-unsafe`, `zip-encrypted`, `zip-compressed`, `zip-duplicate-name`, `zip-size-wrong`,
 * `zip-overlap`.
 */
export async function openZip(path: string, signal?: AbortSignal): Promise<ImageInput> {
  return withFile(path, async (readAt, opened) => {
    const placed = new Map<string, Member>();
    const members = new Map<string, Member>();
    const pace = new Pace();
    const spans: Span[] = [];
    const directory = findDirectory(readAt, opened.size);
    for (const entry of readDirectory(path, readAt, directory)) {
      if (pace.isDue) await yieldToEventLoop(signal);
      const name = memberName(path, entry);
      refuseUnsupported(path, name, entry);
      spans.push({ name, entry });
    }
    await runYielding(
      sortInSteps(spans, (a, b) => a.entry.headerOffset - b.entry.headerOffset),
      signal,
    );
    let free = 0;
    for (const { name, entry } of spans) {
      if (pace.isDue) await yieldToEventLoop(signal);
      if (entry.headerOffset < free) throw builderError('zip-overlap', { file: path, name });
      const offset = contentOffset(path, readAt, name, entry);
      free = offset + entry.size;
      if (free > opened.size) throw builderError('zip-size-wrong', { file: path, name });
      if (placed.has(name)) throw builderError('zip-duplicate-name', { file: path, name });
      const member: Member = { size: entry.size, location: { kind: 'extent', offset } };
      placed.set(name, member);
      if (isRegular(name, entry)) members.set(name, member);
    }
    if (free > directory.offset)
      throw builderError('zip-overlap', { file: path, name: spans.at(-1)?.name ?? '' });
    return {
      path,
      container: 'zip',
      fingerprint: opened,
      members,
      // Not collected: nothing that a builder makes is a zip.
      others: new Set(),
      readMany: (names, maxBytes) => readMany(path, opened, placed, names, maxBytes),
    };
  });
}

interface Span {
  readonly name: string;
  readonly entry: ZipEntry;
}

function readDirectory(path: string, readAt: ReadAt, place: DirectoryPlace): Generator<ZipEntry> {
  const limit = (what: string, value: number) =>
    builderError('archive-limit', { file: path, what, limit: value });
  if (place.entries > MAX_ZIP_MEMBERS) throw limit('members', MAX_ZIP_MEMBERS);
  if (place.size > MAX_DIRECTORY_BYTES) throw limit('bytes of directory', MAX_DIRECTORY_BYTES);
  const bytes = readAt(place.offset, place.size);
  if (bytes.length !== place.size) throw new ZipFault('truncated', 'central directory is cut off');
  return parseDirectory(bytes, place.entries);
}

/** Relative, `/` between the parts; a folder keeps its slash at the end. */
function memberName(path: string, { nameBytes }: ZipEntry): string {
  let name: string;
  try {
    name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(nameBytes);
  } catch {
    // The historical encoding is CP437; no image has such names, and a guess could be wrong.
    const shown = Buffer.from(nameBytes).toString('latin1');
    throw builderError('member-name-unsafe', { file: path, name: shown });
  }
  // bsdtar writes the names of `bsdtar -cf x.zip .` so; what the folder itself is called says nothing.
  if (name === './') return name;
  if (name.startsWith('./')) name = name.slice(2);
  const parts = (name.endsWith('/') ? name.slice(0, -1) : name).split('/');
  const unsafe = parts.some((part) => part === '' || part === '.' || part === '..');
  if (unsafe || /[\0\\]/.test(name)) throw builderError('member-name-unsafe', { file: path, name });
  return name;
}

function refuseUnsupported(path: string, name: string, entry: ZipEntry): void {
  if ((entry.flags & ENCRYPTED_FLAGS) !== 0) throw builderError('zip-encrypted', { file: path });
  if (entry.method !== STORED || (entry.flags & PATCH_FLAG) !== 0)
    throw builderError('zip-compressed', { file: path, name });
  if (entry.compressedSize !== entry.size)
    throw builderError('zip-size-wrong', { file: path, name });
  if (name.endsWith('/') && entry.size !== 0)
    throw new ZipFault('corrupt', `${name} is a folder with content`);
}

/** Where the content begins, after the local header was found to say the same as the directory. */
function contentOffset(path: string, readAt: ReadAt, name: string, entry: ZipEntry): number {
  const nameLength = entry.nameBytes.length;
  const header = readAt(entry.headerOffset, LOCAL_BYTES + nameLength + 64);
  if (header.length < LOCAL_BYTES + nameLength || header.readUInt32LE(0) !== LOCAL_SIGNATURE)
    throw new ZipFault('corrupt', `${name} has no local header`);
  const extraStart = LOCAL_BYTES + nameLength;
  const extraLength = header.readUInt16LE(28);
  const extra =
    extraStart + extraLength <= header.length
      ? header.subarray(extraStart, extraStart + extraLength)
      : readAt(entry.headerOffset + extraStart, extraLength);
  const [size, compressedSize] = widenFields(
    [
      [header.readUInt32LE(22), 8],
      [header.readUInt32LE(18), 8],
    ],
    extra,
  );
  const local = { crc32: header.readUInt32LE(14), size, compressedSize };
  const behind = (entry.flags & DESCRIPTOR_FLAG) !== 0;
  const same =
    header.readUInt16LE(6) === entry.flags &&
    header.readUInt16LE(8) === entry.method &&
    header.readUInt16LE(26) === nameLength &&
    header.subarray(LOCAL_BYTES, extraStart).equals(entry.nameBytes) &&
    (local.crc32 === entry.crc32 || (behind && local.crc32 === 0));
  if (!same)
    throw new ZipFault('corrupt', `local header of ${name} contradicts the central directory`);
  const sameSize = [local.size, local.compressedSize].every(
    (size) => size === entry.size || (behind && size === 0),
  );
  if (!sameSize) throw builderError('zip-size-wrong', { file: path, name });
  return entry.headerOffset + extraStart + extraLength;
}

/** Folders, symbolic links and other special entries are checked, too, but are no members. */
function isRegular(name: string, { unixMode }: ZipEntry): boolean {
  const type = unixMode & FILE_TYPE_MASK;
  return !name.endsWith('/') && (type === 0 || type === REGULAR_FILE);
}

async function readMany(
  path: string,
  opened: InputFingerprint,
  members: ReadonlyMap<string, Member>,
  names: readonly string[],
  maxBytes: number,
): Promise<Map<string, Uint8Array>> {
  return withFile(path, (readAt, now) => {
    if (!sameFingerprint(now, opened)) throw builderError('input-changed', { file: path });
    const contents = new Map<string, Uint8Array>();
    for (const name of names) {
      const member = members.get(name);
      if (member?.location.kind !== 'extent') throw new Error(`no member ${name}`);
      if (member.size > maxBytes)
        throw builderError('archive-limit', { file: path, what: name, limit: maxBytes });
      const bytes = readAt(member.location.offset, member.size);
      if (bytes.length !== member.size) throw builderError('input-changed', { file: path });
      contents.set(name, bytes);
    }
    return Promise.resolve(contents);
  });
}

async function withFile<Result>(
  path: string,
  use: (readAt: ReadAt, fingerprint: InputFingerprint) => Promise<Result>,
): Promise<Result> {
  let fd: number | undefined;
  try {
    const now = await fingerprint(path);
    fd = openSync(path, 'r');
    return await use(positionedReader(fd), now);
  } catch (error) {
    throw inWordsOfTheProduct(path, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function positionedReader(fd: number): ReadAt {
  return (offset, length) => {
    const buffer = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const read = readSync(fd, buffer, filled, length - filled, offset + filled);
      if (read === 0) break;
      filled += read;
    }
    return buffer.subarray(0, filled);
  };
}

function inWordsOfTheProduct(path: string, error: unknown): unknown {
  if (error instanceof ZipFault)
    return error.kind === 'truncated'
      ? builderError('archive-truncated', { file: path }, error)
      : builderError('archive-corrupt', { file: path, reason: error.message }, error);
  return toInputError(path, error);
}
