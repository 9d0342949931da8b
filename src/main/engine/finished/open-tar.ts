import { builderError } from '../../../shared/errors.ts';
import { HeaderWindow } from '../archive/header-window.ts';
import { MAX_MEMBERS } from '../archive/member-index.ts';
import { MAX_MEMBER_NAME_BYTES, normalizeMemberName } from '../archive/member-name.ts';
import { readWanted } from '../archive/read-contents.ts';
import { openFileReader } from '../stream/file-reader.ts';
import { readMembers } from '../stream/read-members.ts';
import { BLOCK } from '../tar/format/header.ts';
import { Pace, yieldToEventLoop } from '../event-loop.ts';
import { isZeros } from '../zeros.ts';
import type { Member } from '../content/member-location.ts';
import { assertRange, toFinishedImage, type FinishedImage } from './finished-image.ts';
import { isTarHeader, readHeader, type RawHeader } from './tar-header.ts';
import { readLongName, readPax, type Extension } from './tar-extensions.ts';
import { locationIn, Tree, wantedOf } from './tree.ts';

/** Largest body of an extended header; names and a few attributes need far less. */
const MAX_EXTENSION_BYTES = 1024 * 1024;
const TRAILER_READ_BYTES = 64 * 1024;

/** Its owner must be able to read a file, and to enter a folder. */
const FILE_MODE = 0o400;
const FOLDER_MODE = 0o500;

/**
 * Opens a finished tar archive. What is read of an input as generously as tar itself does is strict here:
 * whatever GNU tar and bsdtar could extract differently is a fault, also where they happen to agree today.
 * @throws `archive-truncated`, `archive-corrupt`, `archive-trailing-garbage`, `archive-limit`,
 * `member-name-unsafe`.
 */
export async function openFinishedTar(
  path: string,
  signal: AbortSignal | undefined,
): Promise<FinishedImage> {
  const tree = await readTar(path, signal);
  const { files, folders, others, faults } = tree;
  const input = { path, container: 'tar' } as const;
  let reader: ReturnType<typeof openFileReader> | null = null;
  return toFinishedImage({
    name: path,
    kind: 'tar',
    files: tree.sizes,
    folders,
    others: [...others],
    faults,
    async read(member, offset, length) {
      assertRange({ files: tree.sizes }, member, { offset, length });
      const location = files.get(member)?.location;
      if (location?.kind !== 'extent')
        throw new Error('a file in a tar archive is an extent of it');
      return (await (reader ??= openFileReader(path))).read(location.offset + offset, length);
    },
    readMany: (names, maxBytes) => readWanted(input, files, names, maxBytes, signal),
    windows: (paths, later) => readMembers(input, wantedOf(files, paths), later),
    locate: (member) => locationIn(files, member),
    async close() {
      const opened = await reader?.catch(() => null);
      reader = null;
      await opened?.close();
    },
  });
}

async function readTar(path: string, signal: AbortSignal | undefined): Promise<Tree<Member>> {
  const window = new HeaderWindow(path);
  try {
    const members = new Members(path);
    const pace = new Pace();
    const pause = async () => {
      if (pace.isDue) await yieldToEventLoop(signal);
    };
    let offset = 0;
    for (;;) {
      const block = window.at(offset, BLOCK);
      if (isZeros(block)) break;
      if (!isTarHeader(block))
        throw builderError('archive-corrupt', {
          file: path,
          reason: `header checksum at byte ${offset}`,
        });
      const header = readHeader(block);
      offset += BLOCK;
      const length = members.bodyBytes(header);
      if (header.type === VOLUME_LABEL && offset === BLOCK) members.label(header);
      else if (EXTENDED_TYPES.has(header.type)) members.extend(header, window.at(offset, length));
      else members.add(header, offset);
      offset += Math.ceil(length / BLOCK) * BLOCK;
      await pause();
    }
    members.end();
    await assertEnd(path, window, offset, pause);
    return members.tree;
  } finally {
    window.close();
  }
}

/** POSIX wants two blocks of zeros; a reader may go on behind the first, so only zeros may follow. */
async function assertEnd(
  file: string,
  window: HeaderWindow,
  end: number,
  pause: () => Promise<void>,
): Promise<void> {
  if (window.size < end + 2 * BLOCK || window.size % BLOCK !== 0)
    throw builderError('archive-truncated', { file });
  for (let at = end; at < window.size; at += TRAILER_READ_BYTES) {
    if (!isZeros(window.at(at, Math.min(TRAILER_READ_BYTES, window.size - at))))
      throw builderError('archive-trailing-garbage', { file });
    await pause();
  }
}

/** The name of the archive (`tar -V`), its first member: no reader makes a file of it. */
const VOLUME_LABEL = 'V';

/** pax next and global, GNU long name and long link. */
const EXTENDED_TYPES = new Set(['x', 'g', 'L', 'K']);

/** Puts headers together to members. */
class Members {
  readonly tree = new Tree<Member>();
  readonly #file: string;
  /** Extended headers that wait for their member, by type. */
  readonly #waiting = new Map<string, Extension>();
  #count = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Bytes between this header and the next one, without padding. */
  bodyBytes({ type, size }: RawHeader): number {
    if (EXTENDED_TYPES.has(type)) {
      if (size > MAX_EXTENSION_BYTES) throw this.#limit('member-size', MAX_EXTENSION_BYTES);
      return size;
    }
    const bodySize = this.#waiting.get('x')?.size ?? size;
    // A link or folder with a size has a body for one reader and none for the other: see #check.
    return type === '1' || type === '5' ? 0 : bodySize;
  }

  extend(header: RawHeader, body: Buffer): void {
    const { type } = header;
    const { extension, doubts } =
      type === 'x' || type === 'g' ? readPax(body, type === 'g') : readLongName(type, body);
    const about = extension.path?.toString() ?? header.name.toString();
    for (const doubt of [...header.doubts, ...doubts]) this.tree.fault(about, doubt);
    if (type === 'g') return;
    // Of two names for one member readers take either.
    if (
      this.#waiting.has(type) ||
      this.#waiting.has('x') ||
      (type === 'x' && this.#waiting.size > 0)
    )
      this.tree.fault(about, 'two extended headers name it');
    this.#waiting.set(type, extension);
  }

  label({ name, size, doubts }: RawHeader): void {
    for (const doubt of doubts) this.tree.fault(name.toString(), doubt);
    if (size !== 0) this.tree.fault(name.toString(), NO_CONTENT);
  }

  add(header: RawHeader, offset: number): void {
    if (++this.#count > MAX_MEMBERS) throw this.#limit('members', MAX_MEMBERS);
    const pax = this.#waiting.get('x');
    const raw = pax?.path ?? this.#waiting.get('L')?.path ?? header.name;
    const link = pax?.linkpath ?? this.#waiting.get('K')?.linkpath ?? header.linkName;
    const size = pax?.size ?? header.size;
    this.#waiting.clear();
    // Old tars, and readers of all, know a folder by its slash. Both take a bare slash for the root of what
    // they extract; Python's tarfile writes it so.
    const isFile = header.type === '0' || header.type === '\0';
    const type = isFile && raw.at(-1) === SLASH ? '5' : header.type;
    const name = type === '5' && raw.toString() === '/' ? '' : this.#nameOf(raw);
    this.#check({ ...header, type }, name, raw, size);
    switch (type) {
      case '0':
      case '\0':
        this.tree.addFile(name, { size, location: { kind: 'extent', offset } });
        return;
      case '1':
        this.#link(name, this.#nameOf(link));
        return;
      case '5':
        this.tree.addFolder(name);
        return;
      default:
        this.tree.addOther(name);
    }
  }

  /** The archive ends. */
  end(): void {
    for (const { path } of this.#waiting.values())
      this.tree.fault(path?.toString() ?? '', 'an extended header is of no member');
  }

  #check({ type, mode, doubts }: RawHeader, name: string, raw: Buffer, size: number): void {
    for (const doubt of doubts) this.tree.fault(name, doubt);
    const isFolder = type === '5';
    if ((isFolder || type === '1') && size !== 0) this.tree.fault(name, NO_CONTENT);
    if (!isFolder && raw.at(-1) === SLASH)
      this.tree.fault(name, 'a file with the name of a folder');
    const needed = isFolder ? FOLDER_MODE : FILE_MODE;
    if ((mode & needed) !== needed) this.tree.fault(name, 'its owner may not read it');
  }

  /** A hard link is the file that is there by then; tar cannot make one to what comes later. */
  #link(name: string, target: string): void {
    const member = this.tree.files.get(target);
    if (member === undefined) {
      this.tree.addOther(name);
      this.tree.fault(name, 'a link to no file before it');
    } else this.tree.addFile(name, member);
  }

  #nameOf(raw: Buffer): string {
    if (raw.length > MAX_MEMBER_NAME_BYTES)
      throw this.#limit('bytes of a name', MAX_MEMBER_NAME_BYTES);
    const name = raw.toString();
    if (name.includes('\ufffd') && !Buffer.from(name).equals(raw))
      this.tree.fault(name, 'its name is no UTF-8');
    return normalizeMemberName(this.#file, name);
  }

  #limit(what: string, limit: number) {
    return builderError('archive-limit', { file: this.#file, what, limit });
  }
}

const SLASH = 0x2f;
const NO_CONTENT = 'it has a size, but no content';
