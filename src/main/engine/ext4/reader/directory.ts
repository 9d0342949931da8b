import { directoryHash } from '../format/directory-hash.ts';
import {
  DIRECTORY_ENTRY_HEADER,
  TYPE_DIRECTORY,
  TYPE_REGULAR,
  TYPE_SYMLINK,
  directoryBlockChecksum,
  directoryEntry as entry,
  entrySize,
  hasDirectoryTail,
  recordLength,
  storedDirectoryBlockChecksum,
} from '../format/directory.ts';
import { viewOf } from '../format/field.ts';
import { HTREE_CONTINUED } from '../format/htree.ts';
import { extentsOf } from './extents.ts';
import { loadIndex } from './directory-index.ts';
import type { DirectoryIndex } from './directory-index.ts';
import type { Inode, Kind, Volume } from './volume.ts';
import { beyondLimit, damaged } from './volume-facts.ts';

export interface DirectoryEntry {
  readonly name: string;
  readonly inode: number;
  /** null where the directory does not tell. */
  readonly kind: Kind | null;
}

/** A directory of 1 GiB with 4 KiB blocks: 13 million names of 68 bytes. */
const MAX_DIRECTORY_BLOCKS = 2 ** 18;

interface RawEntry {
  readonly inode: number;
  readonly type: number;
  readonly name: Uint8Array;
}

/** Strict: the kernel keeps bytes, so that a name with a mark before it is another one. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const SLASH = 0x2f;
const DOT = 0x2e;

function kindOf(type: number): Kind | null {
  if (type === 0) return null;
  if (type === TYPE_REGULAR) return 'file';
  if (type === TYPE_DIRECTORY) return 'directory';
  return type === TYPE_SYMLINK ? 'symlink' : 'other';
}

const isDots = (name: Uint8Array): boolean =>
  name[0] === DOT && (name.length === 1 || (name.length === 2 && name[1] === DOT));

/** One directory, its blocks located and its index (if any) loaded and checked. */
export class Directory {
  readonly inode: Inode;
  readonly #volume: Volume;
  /** Physical block by logical block. */
  readonly #blocks: Float64Array;
  readonly #index: DirectoryIndex | null;

  private constructor(
    volume: Volume,
    inode: Inode,
    blocks: Float64Array,
    index: DirectoryIndex | null,
  ) {
    this.#volume = volume;
    this.inode = inode;
    this.#blocks = blocks;
    this.#index = index;
  }

  static async open(volume: Volume, inode: Inode): Promise<Directory> {
    const { facts } = volume;
    const what = `directory ${inode.number}`;
    const count = inode.size / facts.blockSize;
    if (!Number.isInteger(count) || count === 0) throw damaged(facts, what, 'impossible size');
    if (count > MAX_DIRECTORY_BLOCKS) {
      throw beyondLimit(facts, `blocks of directory ${inode.number}`, MAX_DIRECTORY_BLOCKS);
    }
    const blocks = new Float64Array(count);
    for await (const { logical, physical, length, unwritten } of extentsOf(volume, inode)) {
      if (unwritten) throw damaged(facts, what, 'blocks that were never written');
      for (let index = 0; index < length && logical + index < count; index++) {
        blocks[logical + index] = physical + index;
      }
    }
    if (blocks.includes(0)) throw damaged(facts, what, 'a hole');
    const index =
      inode.indexed && facts.indexedDirectories ? await loadIndex(volume, inode, blocks) : null;
    return new Directory(volume, inode, blocks, index);
  }

  /** The entries of one block of entries, checked; without unused ones, "." and "..". */
  async #entries(block: number): Promise<RawEntry[]> {
    const { facts } = this.#volume;
    const what = `block ${block} of directory ${this.inode.number}`;
    const bytes = await this.#volume.block(this.#blocks[block] ?? 0, what);
    const view = viewOf(bytes);
    if (facts.checksums === 'crc32c') {
      if (!hasDirectoryTail(bytes)) throw damaged(facts, what, 'no checksum');
      const sum = directoryBlockChecksum(this.inode.seed, bytes);
      if (sum !== storedDirectoryBlockChecksum(bytes)) {
        throw damaged(facts, what, 'checksum does not match');
      }
    }
    const entries: RawEntry[] = [];
    for (let at = 0; at < bytes.length;) {
      const left = bytes.length - at;
      if (left < entrySize(1)) throw damaged(facts, what, 'entries do not fill it');
      const length = recordLength(entry.rec_len.get(view, at), facts.blockSize);
      const nameLength = entry.name_len.get(view, at);
      if (length < entrySize(1) || length % 4 !== 0 || length > left) {
        throw damaged(facts, what, 'length of an entry');
      }
      const inode = entry.inode.get(view, at);
      if (inode !== 0) {
        if (nameLength === 0 || entrySize(nameLength) > length || inode > facts.inodes) {
          throw damaged(facts, what, 'an entry makes no sense');
        }
        const start = at + DIRECTORY_ENTRY_HEADER;
        const name = bytes.subarray(start, start + nameLength);
        if (name.includes(SLASH) || name.includes(0)) throw damaged(facts, what, 'unusable name');
        const type = facts.wideNameLength ? 0 : entry.file_type.get(view, at);
        if (!isDots(name)) entries.push({ inode, type, name });
        else if (block !== 0 || at > entrySize(1))
          throw damaged(facts, what, 'an entry "." or ".."');
      }
      at += length;
    }
    return entries;
  }

  /** The entries of leaf `leaf`, each checked to be where a look-up by its hash finds it. */
  async #leafEntries(index: DirectoryIndex, leaf: number): Promise<RawEntry[]> {
    const { facts } = this.#volume;
    const block = index.blocks[leaf] ?? 0;
    const entries = await this.#entries(block);
    const low = (index.hashes[leaf] ?? 0) & ~HTREE_CONTINUED;
    const next = index.hashes[leaf + 1];
    for (const { name } of entries) {
      const hash = directoryHash(name, name.length, index.hashVersion, facts.hashSeed);
      // A next leaf with the mark may share its first hash with this one.
      if (hash < low >>> 0 || (next !== undefined && hash >= next)) {
        const what = `block ${block} of directory ${this.inode.number}`;
        throw damaged(facts, what, 'a name cannot be found by its hash');
      }
    }
    return entries;
  }

  /** What "." and ".." say, checked to be where the kernel takes them from without looking. */
  async dots(): Promise<{ readonly self: number; readonly parent: number }> {
    const { facts } = this.#volume;
    const what = `directory ${this.inode.number}`;
    const bytes = await this.#volume.block(this.#blocks[0] ?? 0, what);
    const view = viewOf(bytes);
    const numbers = [1, 2].map((length, index) => {
      const at = index * entrySize(1);
      const name = bytes.subarray(
        at + DIRECTORY_ENTRY_HEADER,
        at + DIRECTORY_ENTRY_HEADER + length + 1,
      );
      const isSound =
        entry.name_len.get(view, at) === length &&
        (index === 1 || entry.rec_len.get(view, at) === entrySize(1)) &&
        name.every((byte, position) => byte === (position < length ? DOT : 0)) &&
        (facts.wideNameLength || entry.file_type.get(view, at) === TYPE_DIRECTORY);
      if (!isSound) throw damaged(facts, what, 'no "." and ".." at its beginning');
      return entry.inode.get(view, at);
    });
    return { self: numbers[0] ?? 0, parent: numbers[1] ?? 0 };
  }

  #decode(name: Uint8Array): string {
    try {
      return decoder.decode(name);
    } catch {
      throw damaged(this.#volume.facts, `directory ${this.inode.number}`, 'a name is no UTF-8');
    }
  }

  /** All entries in the order in which they stand, a block at a time. */
  async *entries(): AsyncGenerator<DirectoryEntry[]> {
    const index = this.#index;
    const blocks = index === null ? this.#blocks.length : index.blocks.length;
    for (let block = 0; block < blocks; block++) {
      const raw =
        index === null ? await this.#entries(block) : await this.#leafEntries(index, block);
      yield raw.map(({ name, inode, type }) => ({
        name: this.#decode(name),
        inode,
        kind: kindOf(type),
      }));
    }
  }

  /** Looks a name up as the kernel does: by its hash where there is an index. */
  async find(name: string): Promise<number | null> {
    const wanted = new TextEncoder().encode(name);
    const index = this.#index;
    const among = (entries: readonly RawEntry[]): number | null =>
      entries.find((entry) => Buffer.compare(entry.name, wanted) === 0)?.inode ?? null;
    if (index === null) {
      for (let block = 0; block < this.#blocks.length; block++) {
        const found = among(await this.#entries(block));
        if (found !== null) return found;
      }
      return null;
    }
    const seed = this.#volume.facts.hashSeed;
    const hash = directoryHash(wanted, wanted.length, index.hashVersion, seed);
    for (let leaf = lastAtMost(index.hashes, hash); ; leaf++) {
      const found = among(await this.#leafEntries(index, leaf));
      if (found !== null) return found;
      if (index.hashes[leaf + 1] !== hash + HTREE_CONTINUED) return null;
    }
  }
}

/** Position of the last of the ascending `hashes` that is at most `hash`; the first one is 0. */
function lastAtMost(hashes: Uint32Array, hash: number): number {
  let low = 0;
  let high = hashes.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((hashes[middle] ?? 0) <= hash) low = middle;
    else high = middle;
  }
  return low;
}
