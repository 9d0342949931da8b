import { builderError } from '../../../../shared/errors.ts';
import { DIRECTORY_TAIL_SIZE, entrySize } from '../format/directory.ts';
import {
  HTREE_CONTINUED,
  HTREE_NODE_ENTRIES,
  HTREE_ROOT_ENTRIES,
  htreeLimit,
} from '../format/htree.ts';
import { BLOCK_SIZE } from './geometry.ts';

/** Entries of the index in block 0 and in each index block below it. */
export const ROOT_LIMIT = htreeLimit(BLOCK_SIZE, HTREE_ROOT_ENTRIES, true);
export const NODE_LIMIT = htreeLimit(BLOCK_SIZE, HTREE_NODE_ENTRIES, true);

/** Bytes for entries in a block that ends with a checksum. */
export const LEAF_CAPACITY = BLOCK_SIZE - DIRECTORY_TAIL_SIZE;
/** Bytes of "." and "..". */
export const DOT_ENTRIES_SIZE = entrySize(1) + entrySize(2);

/** How a directory's entries are spread over blocks. */
export type DirectoryShape =
  | {
      /** One block of entries (or a few empty ones), as the kernel makes a small directory. */
      readonly kind: 'linear';
      readonly entries: Uint32Array;
      readonly blocks: number;
    }
  | {
      /** Block 0 and `nodes` index blocks, then the leaves in the order of their hashes. */
      readonly kind: 'indexed';
      /** In the order of their hashes. */
      readonly entries: Uint32Array;
      /** For each leaf the position of its first entry, and one more: the number of entries. */
      readonly leafStarts: Uint32Array;
      /** For each leaf the hash that the index has for it. */
      readonly leafHashes: Uint32Array;
      readonly nodes: number;
      readonly blocks: number;
    };

/** `entries` and `hashes` in the order of the hashes; `nameBytes` by entry. */
export function packDirectory(
  entries: Uint32Array,
  hashes: Uint32Array,
  nameBytes: Uint8Array,
): DirectoryShape {
  const sizeAt = (position: number): number => entrySize(nameBytes[entries[position] ?? 0] ?? 0);
  const starts: number[] = [];
  let left = 0;
  let total = DOT_ENTRIES_SIZE;
  for (let position = 0; position < entries.length; position++) {
    const size = sizeAt(position);
    total += size;
    if (size > left) {
      starts.push(position);
      left = LEAF_CAPACITY;
    }
    left -= size;
  }
  if (total <= LEAF_CAPACITY) return { kind: 'linear', entries, blocks: 1 };

  const leaves = starts.length;
  const nodes = leaves <= ROOT_LIMIT ? 0 : Math.ceil(leaves / NODE_LIMIT);
  if (nodes > ROOT_LIMIT) {
    // The kernel has no deeper index without the large_dir feature.
    throw builderError('output-too-many-files', { limit: entries.length - 1 });
  }
  const leafHashes = new Uint32Array(leaves);
  starts.forEach((position, leaf) => {
    if (leaf === 0) return;
    const hash = hashes[position] ?? 0;
    // Without the mark the kernel would not look for the name in this block as well.
    const continued = hash === hashes[position - 1] ? HTREE_CONTINUED : 0;
    leafHashes[leaf] = hash + continued;
  });
  return {
    kind: 'indexed',
    entries,
    leafStarts: Uint32Array.from([...starts, entries.length]),
    leafHashes,
    nodes,
    blocks: 1 + nodes + leaves,
  };
}
