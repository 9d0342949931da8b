import { builderError } from '../../../../shared/errors.ts';
import type { RandomReader } from '../../content/random-reader.ts';
import { Pace, yieldToEventLoop } from '../../event-loop.ts';
import { ROOT_INODE } from '../format/inode.ts';
import { Audit } from './audit.ts';
import { checkGroup } from './bitmaps.ts';
import { Directory, type DirectoryEntry } from './directory.ts';
import { extentsOf, inodeExtents, type Extent } from './extents.ts';
import { ReadAhead } from './page-cache.ts';
import { readFacts, beyondLimit, damaged } from './volume-facts.ts';
import { Volume, type Inode, type Kind } from './volume.ts';
import { ShardedSet } from '../../sharded.ts';

/** What is known of a file without reading its content. */
export interface Ext4Node {
  readonly inode: number;
  readonly kind: Kind;
  /** Bytes. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  readonly links: number;
  /** Unix seconds. */
  readonly modified: number;
  /** Where on the device the content starts, in blocks; null for what has no blocks. */
  readonly firstBlock: number | null;
  /** Whether all of the content is in consecutive blocks from `firstBlock` on. */
  readonly contiguous: boolean;
}

export interface WalkedNode extends Ext4Node {
  /** From the root, without a leading slash. */
  readonly path: string;
}

/** Entries whose inodes are read in the order of their numbers: sorted within some milliseconds. */
const WALK_BATCH = 16_384;
/** More entries than this are not walked: some minutes of work. */
const MAX_WALK_ENTRIES = 8_000_000;
const MAX_DEPTH = 256;
/** 8 GiB of directories: hostile ones may share their blocks, and so be longer than the device. */
const MAX_WALK_BLOCKS = 2 ** 21;
/** Directories whose places and index are remembered between look-ups. */
const MAX_OPEN_DIRECTORIES = 8;
/** Bytes of content that are handed over at once. */
const CONTENT_CHUNK = 1024 * 1024;

/**
 * A read-only look at an ext4 filesystem, ours or one that mkfs.ext4 and the kernel made. Everything
 * that it reads may be hostile: it is checked against checksums where there are any, and against the
 * limits named here; whatever is wrong is a `filesystem-damaged`, `-unsupported` or `-limit` error.
 * Calls do not overlap.
 */
export class Ext4Reader {
  readonly label: string;
  /** 16 bytes. */
  readonly uuid: Uint8Array;
  /** Unmounted cleanly and without a known error. */
  readonly clean: boolean;
  /** Bytes. */
  readonly blockSize: number;
  /** Bytes that the filesystem spans. */
  readonly size: number;
  readonly #reader: RandomReader;
  readonly #volume: Volume;
  readonly #content: ReadAhead;
  readonly #directories = new Map<number, Directory>();

  private constructor(reader: RandomReader, volume: Volume) {
    this.#reader = reader;
    this.#volume = volume;
    this.#content = new ReadAhead(reader);
    this.label = volume.facts.label;
    this.uuid = volume.facts.uuid;
    this.clean = volume.facts.clean;
    this.blockSize = volume.facts.blockSize;
    this.size = volume.facts.blocks * volume.facts.blockSize;
  }

  /** @throws filesystem-absent when there is no superblock; the others as said above. */
  static async open(reader: RandomReader, target: string): Promise<Ext4Reader> {
    return new Ext4Reader(reader, new Volume(reader, await readFacts(reader, target)));
  }

  async #directory(inode: Inode): Promise<Directory> {
    let directory = this.#directories.get(inode.number);
    if (directory === undefined) {
      directory = await Directory.open(this.#volume, inode);
      if (this.#directories.size >= MAX_OPEN_DIRECTORIES) this.#directories.clear();
      this.#directories.set(inode.number, directory);
    }
    return directory;
  }

  async #find(path: string): Promise<Inode> {
    const missing = (): Error =>
      builderError('filesystem-path-missing', { target: this.#volume.facts.target, path });
    let inode = await this.#volume.inode(ROOT_INODE);
    if (inode.kind !== 'directory') throw damaged(this.#volume.facts, 'root', 'no directory');
    for (const name of path.split('/').filter((part) => part !== '')) {
      if (inode.kind !== 'directory') throw missing();
      const number = await (await this.#directory(inode)).find(name);
      if (number === null) throw missing();
      inode = await this.#volume.inode(number);
    }
    return inode;
  }

  async #describe(inode: Inode): Promise<Ext4Node> {
    const { number, kind, size, mode, links, modified } = inode;
    const node = { inode: number, kind, size, mode, links, modified };
    const hasBlocks = kind === 'file' || kind === 'directory' || !inode.fastSymlink;
    if (kind === 'other' || !hasBlocks) return { ...node, firstBlock: null, contiguous: false };
    const extents = inodeExtents(this.#volume, inode) ?? (await this.#firstExtents(inode));
    const first = extents[0];
    let reached = 0;
    for (const { logical, physical, unwritten, length } of extents) {
      if (logical !== reached || unwritten || physical !== (first?.physical ?? 0) + logical) break;
      reached += length;
    }
    return {
      ...node,
      firstBlock: first?.physical ?? null,
      contiguous: reached * this.blockSize >= size,
    };
  }

  async #firstExtents(inode: Inode): Promise<Extent[]> {
    for await (const extent of extentsOf(this.#volume, inode)) return [extent];
    return [];
  }

  /** Symbolic links are not followed. @throws filesystem-path-missing */
  async stat(path: string): Promise<Ext4Node> {
    return this.#describe(await this.#find(path));
  }

  /** Every entry but "." and "..", in the order in which the directory has them. */
  async *readdir(path: string): AsyncGenerator<DirectoryEntry> {
    const inode = await this.#find(path);
    if (inode.kind !== 'directory') {
      throw builderError('filesystem-path-missing', { target: this.#volume.facts.target, path });
    }
    for await (const entries of (await this.#directory(inode)).entries()) yield* entries;
  }

  /**
   * Everything below the root, parents before children, with its inode. Within a directory in
   * batches in the order of inode numbers, so that inode tables are read in a row. To read the
   * contents fast, sort what it yields by `firstBlock`.
   */
  async *walk(signal?: AbortSignal): AsyncGenerator<WalkedNode> {
    yield* this.#walk(null, signal);
  }

  /**
   * As {@link walk}, and looks meanwhile at everything that e2fsck looks at: see {@link Audit}. What it
   * yields is proved only when it has ended.
   */
  async *checkedWalk(signal?: AbortSignal): AsyncGenerator<WalkedNode> {
    const audit = await Audit.begin(this.#volume, this.#reader, signal);
    yield* this.#walk(audit, signal);
    await audit.finish(signal);
  }

  async *#walk(audit: Audit | null, signal?: AbortSignal): AsyncGenerator<WalkedNode> {
    const { facts } = this.#volume;
    const visited = new Set([ROOT_INODE]);
    const pending = [{ inode: ROOT_INODE, parent: ROOT_INODE, prefix: '', depth: 0 }];
    await audit?.see(await this.#volume.inode(ROOT_INODE), null);
    let count = 0;
    let blocks = 0;
    const pace = new Pace();
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { prefix, depth } = next;
      if (depth > MAX_DEPTH) throw beyondLimit(facts, 'nested directories', MAX_DEPTH);
      const directory = await this.#openChecked(next.inode, next.parent);
      const names = new ShardedSet<string>();
      blocks += directory.inode.size / this.blockSize;
      if (blocks > MAX_WALK_BLOCKS)
        throw beyondLimit(facts, 'blocks of directories', MAX_WALK_BLOCKS);
      for await (const batch of this.#batches(directory, signal)) {
        count += batch.length;
        if (count > MAX_WALK_ENTRIES) throw beyondLimit(facts, 'files', MAX_WALK_ENTRIES);
        for (const entry of batch) {
          // Most of what it awaits is there already.
          if (pace.isDue) await yieldToEventLoop(signal);
          const inode = await this.#volume.inode(entry.inode);
          const path = prefix + entry.name;
          // A look-up finds one of them, a list both, and which one depends on the kernel.
          if (!names.add(entry.name)) throw damaged(facts, path, 'a name that is there twice');
          await audit?.see(inode, next.inode);
          if (entry.kind === null ? !facts.wideNameLength : entry.kind !== inode.kind) {
            throw damaged(facts, path, 'its directory and its inode disagree on what it is');
          }
          if (inode.kind === 'directory') {
            // A directory has one name; a second one would be a loop.
            if (visited.has(inode.number)) throw damaged(facts, path, 'a directory with two names');
            visited.add(inode.number);
            pending.push({
              inode: inode.number,
              parent: next.inode,
              prefix: `${path}/`,
              depth: depth + 1,
            });
          }
          yield { path, ...(await this.#describe(inode)) };
        }
      }
    }
  }

  async #openChecked(number: number, parent: number): Promise<Directory> {
    const inode = await this.#volume.inode(number);
    if (inode.kind !== 'directory') throw damaged(this.#volume.facts, 'root', 'no directory');
    const directory = await Directory.open(this.#volume, inode);
    const dots = await directory.dots();
    if (dots.self !== number || dots.parent !== parent)
      throw damaged(this.#volume.facts, `directory ${number}`, '"." or ".." is another one');
    return directory;
  }

  async *#batches(
    directory: Directory,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<DirectoryEntry[]> {
    const pace = new Pace();
    let batch: DirectoryEntry[] = [];
    const inOrder = (): DirectoryEntry[] => batch.sort((a, b) => a.inode - b.inode);
    for await (const entries of directory.entries()) {
      // Each name is hashed.
      if (pace.isDue) await yieldToEventLoop(signal);
      batch.push(...entries);
      if (batch.length >= WALK_BATCH) {
        yield inOrder();
        batch = [];
      }
    }
    yield inOrder();
  }

  /** Extents of a file's content, in ascending order of their offset in the file. */
  async *extents(node: Ext4Node): AsyncGenerator<Extent> {
    yield* extentsOf(this.#volume, await this.#volume.inode(node.inode));
  }

  /**
   * The content of a file in chunks of up to 1 MiB; holes and unwritten parts are zeros. Reading
   * many small files in the order of `firstBlock` turns into large reads of the device.
   */
  async *content(node: Ext4Node): AsyncGenerator<Uint8Array> {
    if (node.size === 0) return;
    if (node.contiguous && node.firstBlock !== null) {
      yield* this.#run(node.firstBlock, node.size);
      return;
    }
    const inode = await this.#volume.inode(node.inode);
    if (inode.fastSymlink) {
      yield inode.root.subarray(0, inode.size);
      return;
    }
    let at = 0;
    for await (const { logical, physical, length, unwritten } of extentsOf(this.#volume, inode)) {
      const start = Math.min(logical * this.blockSize, inode.size);
      yield* zeros(start - at);
      const end = Math.min(start + length * this.blockSize, inode.size);
      if (unwritten) yield* zeros(end - start);
      else yield* this.#run(physical, end - start);
      at = end;
    }
    yield* zeros(inode.size - at);
  }

  async *#run(firstBlock: number, length: number): AsyncGenerator<Uint8Array> {
    const offset = firstBlock * this.blockSize;
    for (let done = 0; done < length; done += CONTENT_CHUNK) {
      yield await this.#content.read(offset + done, Math.min(CONTENT_CHUNK, length - done));
    }
  }

  /** All of a small file. @throws filesystem-limit above `limit` bytes */
  async readFile(path: string, limit: number): Promise<Uint8Array> {
    const node = await this.stat(path);
    if (node.size > limit) throw beyondLimit(this.#volume.facts, `bytes of ${path}`, limit);
    const bytes = Buffer.alloc(node.size);
    const pace = new Pace();
    let at = 0;
    for await (const chunk of this.content(node)) {
      // A list of all files has tens of megabytes, and touching new memory is slow.
      if (pace.isDue) await yieldToEventLoop(undefined);
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes.subarray(0, at);
  }

  /** Checks descriptors and bitmaps of all groups: what reading files never looks at. */
  async checkGroups(): Promise<void> {
    const pace = new Pace();
    for (let group = 0; group < this.#volume.facts.groups; group++) {
      if (pace.isDue) await yieldToEventLoop(undefined);
      await checkGroup(this.#volume, group);
    }
  }
}

function* zeros(length: number): Generator<Uint8Array> {
  for (let left = length; left > 0; left -= CONTENT_CHUNK) {
    yield new Uint8Array(Math.min(left, CONTENT_CHUNK));
  }
}
