import { builderError } from '../../../shared/errors.ts';
import { decodeStream } from '../stream/decoded.ts';
import { Pace, yieldToEventLoop } from '../event-loop.ts';
import type { HashPool } from '../pool/hash-pool.ts';
import { isZeros } from '../zeros.ts';
import { DETECT_BYTES, detectContainer } from './detect-container.ts';
import type { CompressedContainer } from '../codec/decoder-io.ts';
import { detectKind } from './file-kind.ts';
import { fingerprint } from './fingerprint.ts';
import { MemberHasher } from './hash-members.ts';
import { HeaderWindow } from './header-window.ts';
import type { ImageInput } from './image-input.ts';
import { readWanted } from './read-contents.ts';
import { MemberIndex } from './member-index.ts';
import { TarParser, type TarMember } from './tar-parser.ts';

export interface OpenOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the input file looked at so far, and its size. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Threads that hash the members of a compressed archive while it is decoded; undefined: none are hashed. */
  readonly pool?: HashPool | undefined;
}

const TRAILER_READ_BYTES = 64 * 1024;

/**
 * Opens an uncompressed tar archive by reading its headers; bodies are stepped over.
 * Rejects with `archive-truncated`, `archive-corrupt`, `archive-trailing-garbage`, `archive-limit`.
 */
export async function openPlainTar(
  path: string,
  { signal, onProgress }: OpenOptions = {},
): Promise<ImageInput> {
  const window = new HeaderWindow(path);
  try {
    const parser = new TarParser(path);
    const index = new MemberIndex(path);
    const pace = new Pace();
    const yieldAndReport = async (done: number) => {
      await yieldToEventLoop(signal);
      onProgress?.(done, window.size);
    };
    await yieldAndReport(0);
    for (let need = parser.need; need !== null; need = parser.need) {
      const member = parser.push(window.at(need.offset, need.length));
      if (member !== null) index.add(member);
      if (pace.isDue) await yieldAndReport(need.offset);
    }
    for (let at = parser.end ?? 0; at < window.size; at += TRAILER_READ_BYTES) {
      if (!isZeros(window.at(at, Math.min(TRAILER_READ_BYTES, window.size - at))))
        throw builderError('archive-trailing-garbage', { file: path });
      if (pace.isDue) await yieldAndReport(at);
    }
    return {
      path,
      container: 'tar',
      fingerprint: await fingerprint(path),
      members: index.members,
      others: index.others,
      readMany: (names, maxBytes, later) =>
        readWanted({ path, container: 'tar' }, index.members, names, maxBytes, later),
    };
  } finally {
    window.close();
  }
}

/**
 * Members of a compressed archive whose contents are kept from the only pass that is needed: those
 * beside metadata.jwt, up to this many bytes in all. A list of 300,000 files has 50 MB.
 */
const MAX_KEEP_BYTES = 256 * 1024 * 1024;

/** Opens a compressed tar archive; decodes all of it once. Errors as {@link openPlainTar}, `compressed-…`. */
export async function openCompressedTar(
  path: string,
  container: CompressedContainer,
  { signal, onProgress, pool }: OpenOptions = {},
): Promise<ImageInput> {
  const before = await fingerprint(path);
  const index = new MemberIndex(path);
  const hasher = pool === undefined ? null : new MemberHasher(pool);
  const scanner = new TarStreamScanner(path, (member) => {
    const name = index.add(member);
    hasher?.add(member);
    return member.type === 'file' && member.runs === null && !name.includes('/') ? name : null;
  });
  let isTar: boolean | null = null;
  for await (const window of decodeStream(path, container, signal)) {
    const bytes = Buffer.from(window.memory, 0, window.length);
    // A window is full unless it is the last.
    isTar ??= holdsTar(path, bytes);
    if (isTar) scanner.push(bytes);
    onProgress?.(window.consumed, before.size);
    if (hasher === null) window.release();
    else hasher.push(window);
  }
  // Only now: what a damaged file unpacks to may look like anything, until its checksum at the end is compared.
  if (isTar !== true) throw builderError('compressed-without-tar', { file: path });
  scanner.finish();
  return {
    path,
    container,
    fingerprint: before,
    digests: (await hasher?.finish()) ?? null,
    members: index.members,
    others: index.others,
    async readMany(names, maxBytes, laterSignal) {
      const found = new Map<string, Uint8Array>();
      const missing: string[] = [];
      for (const name of names) {
        const bytes = scanner.kept.get(name);
        // A hard link or a later member of the same name makes what was kept another's content.
        const member = index.members.get(name);
        if (
          bytes !== undefined &&
          member?.location.kind === 'extent' &&
          bytes.offset === member.location.offset
        )
          found.set(name, bytes.content);
        else missing.push(name);
      }
      const rest = await readWanted(
        { path, container },
        index.members,
        missing,
        maxBytes,
        laterSignal,
      );
      return new Map([...found, ...rest]);
    },
  };
}

/**
 * Whether what was compressed is a tar archive, by its first bytes. A header with a wrong checksum and the
 * right magic is one, and damaged, which the parser says; so are the zeros of an empty archive.
 * @throws `compressed-kind-unsupported` for a file of a known format: compressed twice, or a disk image.
 */
function holdsTar(path: string, head: Buffer): boolean {
  const block = head.subarray(0, DETECT_BYTES);
  if (detectContainer(block) === 'tar') return true;
  const kind = detectKind(head);
  if (kind === 'tar') return true;
  if (kind !== null) throw builderError('compressed-kind-unsupported', { file: path, kind });
  return block.length === DETECT_BYTES && isZeros(block);
}

/** Feeds a {@link TarParser} from a stream and keeps the contents that `onMember` names. */
export class TarStreamScanner {
  readonly kept = new Map<string, { offset: number; content: Uint8Array }>();
  readonly #file: string;
  readonly #parser: TarParser;
  readonly #onMember: (member: TarMember) => string | null;
  #position = 0;
  #partial: Buffer[] = [];
  #partialLength = 0;
  #keeping: { content: Uint8Array; offset: number } | null = null;
  #keptBytes = 0;

  /** @param onMember returns the name under which to keep the content, or null. */
  constructor(file: string, onMember: (member: TarMember) => string | null) {
    this.#file = file;
    this.#parser = new TarParser(file);
    this.#onMember = onMember;
  }

  /** The next bytes of the stream, however cut. The memory may be reused afterwards. */
  push(bytes: Buffer): void {
    const end = this.#position + bytes.length;
    this.#keep(bytes);
    for (let need = this.#parser.need; need !== null; need = this.#parser.need) {
      const from = Math.max(need.offset, this.#position);
      const to = Math.min(need.offset + need.length, end);
      if (to <= from && need.length > 0) break;
      const part = bytes.subarray(from - this.#position, to - this.#position);
      if (this.#partialLength + part.length < need.length) {
        this.#partial.push(Buffer.from(part));
        this.#partialLength += part.length;
        break;
      }
      const whole = this.#partialLength === 0 ? part : Buffer.concat([...this.#partial, part]);
      this.#partial = [];
      this.#partialLength = 0;
      const member = this.#parser.push(whole);
      if (member !== null) this.#member(member, bytes);
    }
    if (this.#parser.end !== null)
      if (!isZeros(bytes.subarray(Math.max(0, this.#parser.end - this.#position))))
        throw builderError('archive-trailing-garbage', { file: this.#file });
    this.#position = end;
  }

  /** The stream ended. Throws `archive-truncated` where the end-of-archive mark is missing. */
  finish(): void {
    if (this.#parser.end === null) throw builderError('archive-truncated', { file: this.#file });
  }

  #member(member: TarMember, bytes: Buffer): void {
    const name = this.#onMember(member);
    if (name === null || this.#keptBytes + member.size > MAX_KEEP_BYTES) return;
    this.#keptBytes += member.size;
    const content = new Uint8Array(member.size);
    this.kept.set(name, { offset: member.offset, content });
    this.#keeping = { content, offset: member.offset };
    this.#keep(bytes);
  }

  #keep(bytes: Buffer): void {
    if (this.#keeping === null) return;
    const { content, offset } = this.#keeping;
    const from = Math.max(offset, this.#position);
    const to = Math.min(offset + content.length, this.#position + bytes.length);
    if (to > from)
      content.set(bytes.subarray(from - this.#position, to - this.#position), from - offset);
    if (this.#position + bytes.length >= offset + content.length) this.#keeping = null;
  }
}
