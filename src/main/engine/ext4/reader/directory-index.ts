import { HASH_UNSIGNED, MAX_HASH_VERSION } from '../format/directory-hash.ts';
import { directoryEntry, entrySize, recordLength } from '../format/directory.ts';
import { viewOf } from '../format/field.ts';
import {
  HTREE_BLOCK_MASK,
  HTREE_ENTRY_SIZE,
  HTREE_INFO_LENGTH,
  HTREE_NODE_ENTRIES,
  HTREE_ROOT_ENTRIES,
  MAX_HTREE_LEVELS,
  MAX_HTREE_LEVELS_LARGE,
  htreeChecksum,
  htreeCountLimit,
  htreeEntry,
  htreeLimit,
  htreeRoot,
  storedHtreeChecksum,
} from '../format/htree.ts';
import type { Inode, Volume } from './volume.ts';
import { damaged, unsupported, type VolumeFacts } from './volume-facts.ts';

/** The leaves of an indexed directory in the order of their hashes. */
export interface DirectoryIndex {
  readonly hashVersion: number;
  /** Logical block of each leaf. */
  readonly blocks: Uint32Array;
  /** The lowest hash in each leaf, with the mark for "continued" as stored; ascending. */
  readonly hashes: Uint32Array;
}

/** Reads the whole index and checks that it names every block of the directory exactly once. */
export async function loadIndex(
  volume: Volume,
  inode: Inode,
  blocks: Float64Array,
): Promise<DirectoryIndex> {
  const nodes = new IndexNodes(volume, inode, blocks);
  const root = await nodes.read(0, HTREE_ROOT_ENTRIES);
  const { hashVersion, levels } = validateRoot(volume.facts, nodes, viewOf(root));
  await nodes.walk(root, HTREE_ROOT_ENTRIES, levels, 0);
  return { hashVersion, ...nodes.finish() };
}

/** @throws `filesystem-damaged`, `filesystem-unsupported` */
function validateRoot(
  facts: VolumeFacts,
  nodes: IndexNodes,
  view: DataView,
): { hashVersion: number; levels: number } {
  const dots = entrySize(1);
  if (
    directoryEntry.rec_len.get(view, 0) !== dots ||
    recordLength(directoryEntry.rec_len.get(view, dots), facts.blockSize) !== facts.blockSize - dots
  ) {
    throw nodes.fault('"." and ".."');
  }
  if (
    htreeRoot.reserved_zero.get(view, 0) !== 0 ||
    // The kernel refuses an index with flags that it does not know (dx_probe).
    htreeRoot.unused_flags.get(view, 0) !== 0 ||
    htreeRoot.info_length.get(view, 0) !== HTREE_INFO_LENGTH
  ) {
    throw nodes.fault('its header');
  }
  const stored = htreeRoot.hash_version.get(view, 0);
  const hashVersion = stored + (stored < HASH_UNSIGNED ? facts.hashSignedness : 0);
  if (hashVersion > MAX_HASH_VERSION) throw unsupported(facts, `directory hash ${stored}`);
  const levels = htreeRoot.indirect_levels.get(view, 0);
  const maxLevels = facts.largeDirectories ? MAX_HTREE_LEVELS_LARGE : MAX_HTREE_LEVELS;
  if (levels > maxLevels) throw nodes.fault('too deep');
  return { hashVersion, levels };
}

/** The blocks of one index: each is read once, and every leaf is noted in the order of its hash. */
class IndexNodes {
  readonly #volume: Volume;
  readonly #inode: Inode;
  /** Where each logical block of the directory is. */
  readonly #blocks: Float64Array;
  readonly #what: string;
  readonly #seen: Uint8Array;
  readonly #leafBlocks: number[] = [];
  readonly #leafHashes: number[] = [];

  constructor(volume: Volume, inode: Inode, blocks: Float64Array) {
    this.#volume = volume;
    this.#inode = inode;
    this.#blocks = blocks;
    this.#what = `index of directory ${inode.number}`;
    this.#seen = new Uint8Array(blocks.length);
  }

  fault(reason: string): Error {
    return damaged(this.#volume.facts, this.#what, reason);
  }

  /** Bytes of a node whose entries begin at `entriesAt`. */
  async read(block: number, entriesAt: number): Promise<Uint8Array> {
    const { facts } = this.#volume;
    const physical = this.#see(block);
    const bytes = await this.#volume.block(physical, this.#what);
    const view = viewOf(bytes);
    const limit = htreeCountLimit.limit.get(view, entriesAt);
    const count = htreeCountLimit.count.get(view, entriesAt);
    const checksums = facts.checksums === 'crc32c';
    if (
      limit !== htreeLimit(facts.blockSize, entriesAt, checksums) ||
      count === 0 ||
      count > limit
    ) {
      throw this.fault('number of entries');
    }
    if (checksums) {
      const sum = htreeChecksum(this.#inode.seed, bytes, entriesAt);
      if (sum !== storedHtreeChecksum(bytes, entriesAt))
        throw this.fault('checksum does not match');
    }
    return bytes;
  }

  /** Everything below a node. @param lowest the hash that its parent gives for it. */
  async walk(bytes: Uint8Array, entriesAt: number, levels: number, lowest: number): Promise<void> {
    const view = viewOf(bytes);
    const count = htreeCountLimit.count.get(view, entriesAt);
    for (let index = 0; index < count; index++) {
      const at = entriesAt + index * HTREE_ENTRY_SIZE;
      // The first entry has no hash of its own: limit and count are there instead.
      const hash = index === 0 ? lowest : htreeEntry.hash.get(view, at);
      const block = htreeEntry.block.get(view, at) & HTREE_BLOCK_MASK;
      if (hash < (this.#leafHashes.at(-1) ?? 0)) throw this.fault('hashes out of order');
      if (levels > 0) await this.#descend(block, levels - 1, hash);
      else {
        this.#see(block);
        this.#leafBlocks.push(block);
        this.#leafHashes.push(hash);
      }
    }
  }

  /** @throws `filesystem-damaged` where a block of the directory was not named. */
  finish(): Pick<DirectoryIndex, 'blocks' | 'hashes'> {
    if (this.#seen.includes(0)) throw this.fault('does not name every block');
    return {
      blocks: Uint32Array.from(this.#leafBlocks),
      hashes: Uint32Array.from(this.#leafHashes),
    };
  }

  async #descend(block: number, levels: number, lowest: number): Promise<void> {
    const { blockSize } = this.#volume.facts;
    const bytes = await this.read(block, HTREE_NODE_ENTRIES);
    const view = viewOf(bytes);
    const length = recordLength(directoryEntry.rec_len.get(view, 0), blockSize);
    if (directoryEntry.inode.get(view, 0) !== 0 || length !== blockSize)
      throw this.fault('a node is not hidden from old kernels');
    await this.walk(bytes, HTREE_NODE_ENTRIES, levels, lowest);
  }

  /** Notes that a logical block is named, and gives its place on the volume. */
  #see(block: number): number {
    const physical = this.#blocks[block];
    if (physical === undefined || this.#seen[block] !== 0)
      throw this.fault('names a block twice or none');
    this.#seen[block] = 1;
    return physical;
  }
}
