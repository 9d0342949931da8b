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
import { damaged, unsupported } from './volume-facts.ts';

/** The leaves of an indexed directory in the order of their hashes. */
export interface DirectoryIndex {
  readonly hashVersion: number;
  /** Logical block of each leaf. */
  readonly blocks: Uint32Array;
  /** The lowest hash in each leaf, with the mark for "continued" as it stands; ascending. */
  readonly hashes: Uint32Array;
}

/** Reads the whole index and checks that it names every block of the directory exactly once. */
export async function loadIndex(
  volume: Volume,
  inode: Inode,
  blocks: Float64Array,
): Promise<DirectoryIndex> {
  const { facts } = volume;
  const what = `index of directory ${inode.number}`;
  const fault = (reason: string): Error => damaged(facts, what, reason);
  const seen = new Uint8Array(blocks.length);
  const leafBlocks: number[] = [];
  const leafHashes: number[] = [];

  const readNode = async (block: number, entriesAt: number): Promise<Uint8Array> => {
    const physical = blocks[block];
    if (physical === undefined || seen[block] !== 0) throw fault('names a block twice or none');
    seen[block] = 1;
    const bytes = await volume.block(physical, what);
    const view = viewOf(bytes);
    const limit = htreeCountLimit.limit.get(view, entriesAt);
    const count = htreeCountLimit.count.get(view, entriesAt);
    const checksums = facts.checksums === 'crc32c';
    if (
      limit !== htreeLimit(facts.blockSize, entriesAt, checksums) ||
      count === 0 ||
      count > limit
    ) {
      throw fault('number of entries');
    }
    if (checksums) {
      const sum = htreeChecksum(inode.seed, bytes, entriesAt);
      if (sum !== storedHtreeChecksum(bytes, entriesAt)) throw fault('checksum does not match');
    }
    return bytes;
  };

  const walk = async (
    bytes: Uint8Array,
    entriesAt: number,
    levels: number,
    lowest: number,
  ): Promise<void> => {
    const view = viewOf(bytes);
    const count = htreeCountLimit.count.get(view, entriesAt);
    for (let index = 0; index < count; index++) {
      const at = entriesAt + index * HTREE_ENTRY_SIZE;
      // The first entry has no hash of its own: limit and count stand there.
      const hash = index === 0 ? lowest : htreeEntry.hash.get(view, at);
      const block = htreeEntry.block.get(view, at) & HTREE_BLOCK_MASK;
      if (hash < (leafHashes.at(-1) ?? 0)) throw fault('hashes out of order');
      if (levels > 0) {
        const below = await readNode(block, HTREE_NODE_ENTRIES);
        const first = viewOf(below);
        const length = recordLength(directoryEntry.rec_len.get(first, 0), facts.blockSize);
        if (directoryEntry.inode.get(first, 0) !== 0 || length !== facts.blockSize) {
          throw fault('a node is not hidden from old kernels');
        }
        await walk(below, HTREE_NODE_ENTRIES, levels - 1, hash);
      } else {
        if (block >= blocks.length || seen[block] !== 0) throw fault('names a block twice or none');
        seen[block] = 1;
        leafBlocks.push(block);
        leafHashes.push(hash);
      }
    }
  };

  const root = await readNode(0, HTREE_ROOT_ENTRIES);
  const view = viewOf(root);
  const dots = entrySize(1);
  if (
    directoryEntry.rec_len.get(view, 0) !== dots ||
    recordLength(directoryEntry.rec_len.get(view, dots), facts.blockSize) !== facts.blockSize - dots
  ) {
    throw fault('"." and ".."');
  }
  if (
    htreeRoot.reserved_zero.get(view, 0) !== 0 ||
    // The kernel refuses an index with flags that it does not know (dx_probe).
    htreeRoot.unused_flags.get(view, 0) !== 0 ||
    htreeRoot.info_length.get(view, 0) !== HTREE_INFO_LENGTH
  ) {
    throw fault('its header');
  }
  const stored = htreeRoot.hash_version.get(view, 0);
  const hashVersion = stored + (stored < HASH_UNSIGNED ? facts.hashSignedness : 0);
  if (hashVersion > MAX_HASH_VERSION) throw unsupported(facts, `directory hash ${stored}`);
  const levels = htreeRoot.indirect_levels.get(view, 0);
  const maxLevels = facts.largeDirectories ? MAX_HTREE_LEVELS_LARGE : MAX_HTREE_LEVELS;
  if (levels > maxLevels) throw fault('too deep');
  await walk(root, HTREE_ROOT_ENTRIES, levels, 0);
  if (seen.includes(0)) throw fault('does not name every block');
  return {
    hashVersion,
    blocks: Uint32Array.from(leafBlocks),
    hashes: Uint32Array.from(leafHashes),
  };
}
