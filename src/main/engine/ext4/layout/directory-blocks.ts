import {
  DIRECTORY_ENTRY_HEADER,
  TYPE_DIRECTORY,
  TYPE_REGULAR,
  directoryEntry,
  entrySize,
  sealDirectoryBlock,
} from '../format/directory.ts';
import { HASH_HALF_MD4 } from '../format/directory-hash.ts';
import { viewOf } from '../format/field.ts';
import {
  HTREE_ENTRY_SIZE,
  HTREE_INFO_LENGTH,
  HTREE_NODE_ENTRIES,
  HTREE_ROOT_ENTRIES,
  htreeCountLimit,
  htreeEntry,
  htreeRoot,
  sealHtreeBlock,
} from '../format/htree.ts';
import { LEAF_CAPACITY, NODE_LIMIT, ROOT_LIMIT } from './directory-shape.ts';
import type { DirectoryShape } from './directory-shape.ts';
import { BLOCK_SIZE } from './geometry.ts';
import type { PlannedDirectory, Tree } from './tree.ts';

type Indexed = Extract<DirectoryShape, { kind: 'indexed' }>;

const DOT = new TextEncoder().encode('.');
const DOT_DOT = new TextEncoder().encode('..');

/** Writes one entry whose name is already in place or empty. */
function writeEntry(
  view: DataView,
  at: number,
  inode: number,
  recordLength: number,
  nameLength: number,
  type: number,
): void {
  directoryEntry.inode.set(view, at, inode);
  directoryEntry.rec_len.set(view, at, recordLength);
  directoryEntry.name_len.set(view, at, nameLength);
  directoryEntry.file_type.set(view, at, type);
}

/** "." and ".."; the latter reaches up to `end`. Returns where the last of them starts. */
function writeDots(bytes: Uint8Array, directory: PlannedDirectory, end: number): number {
  const view = viewOf(bytes);
  const second = entrySize(DOT.length);
  bytes.set(DOT, DIRECTORY_ENTRY_HEADER);
  bytes.set(DOT_DOT, second + DIRECTORY_ENTRY_HEADER);
  writeEntry(view, 0, directory.inode, second, DOT.length, TYPE_DIRECTORY);
  const length = end - second;
  writeEntry(view, second, directory.parentInode, length, DOT_DOT.length, TYPE_DIRECTORY);
  return second;
}

/** Writes entries from `at` on; the last one reaches to the tail. */
function writeEntries(
  bytes: Uint8Array,
  at: number,
  entries: Uint32Array,
  tree: Tree,
  files: number,
): void {
  const view = viewOf(bytes);
  let next = at;
  let last = at;
  for (const entry of entries) {
    const length = tree.writeName(entry, bytes.subarray(next + DIRECTORY_ENTRY_HEADER));
    const size = entrySize(length);
    const type = entry < files ? TYPE_REGULAR : TYPE_DIRECTORY;
    writeEntry(view, next, tree.inodeOf(entry), size, length, type);
    last = next;
    next += size;
  }
  directoryEntry.rec_len.set(view, last, LEAF_CAPACITY - last);
}

function linearBlock(
  index: number,
  directory: PlannedDirectory,
  entries: Uint32Array,
  tree: Tree,
  files: number,
): Uint8Array {
  const bytes = new Uint8Array(BLOCK_SIZE);
  if (index > 0) {
    writeEntry(viewOf(bytes), 0, 0, LEAF_CAPACITY, 0, 0);
  } else if (entries.length === 0) {
    writeDots(bytes, directory, LEAF_CAPACITY);
  } else {
    const end = entrySize(DOT.length) + entrySize(DOT_DOT.length);
    writeDots(bytes, directory, end);
    writeEntries(bytes, end, entries, tree, files);
  }
  return bytes;
}

/** Fills the index entries [from, to) of `hashes`, each naming the block `firstBlock` + its number. */
function writeIndex(
  bytes: Uint8Array,
  at: number,
  limit: number,
  hashes: Uint32Array,
  firstBlock: number,
): void {
  const view = viewOf(bytes);
  hashes.forEach((hash, index) => {
    const entry = at + index * HTREE_ENTRY_SIZE;
    htreeEntry.hash.set(view, entry, hash);
    htreeEntry.block.set(view, entry, firstBlock + index);
  });
  // Over the hash of the first entry, which is never looked at.
  htreeCountLimit.limit.set(view, at, limit);
  htreeCountLimit.count.set(view, at, hashes.length);
}

function indexRoot(directory: PlannedDirectory, shape: Indexed): Uint8Array {
  const bytes = new Uint8Array(BLOCK_SIZE);
  const view = viewOf(bytes);
  writeDots(bytes, directory, BLOCK_SIZE);
  htreeRoot.hash_version.set(view, 0, HASH_HALF_MD4);
  htreeRoot.info_length.set(view, 0, HTREE_INFO_LENGTH);
  htreeRoot.indirect_levels.set(view, 0, shape.nodes === 0 ? 0 : 1);
  const hashes =
    shape.nodes === 0
      ? shape.leafHashes
      : Uint32Array.from(
          { length: shape.nodes },
          (_, node) => shape.leafHashes[node * NODE_LIMIT] ?? 0,
        );
  writeIndex(bytes, HTREE_ROOT_ENTRIES, ROOT_LIMIT, hashes, 1);
  return bytes;
}

function indexNode(shape: Indexed, node: number): Uint8Array {
  const bytes = new Uint8Array(BLOCK_SIZE);
  writeEntry(viewOf(bytes), 0, 0, BLOCK_SIZE, 0, 0);
  const from = node * NODE_LIMIT;
  const hashes = shape.leafHashes.subarray(from, from + NODE_LIMIT);
  writeIndex(bytes, HTREE_NODE_ENTRIES, NODE_LIMIT, hashes, 1 + shape.nodes + from);
  return bytes;
}

/**
 * Block `index` of a directory, complete with its checksum. `files` is the number of files in the
 * tree; `seed` is the checksum seed of the directory's inode.
 */
export function directoryBlock(
  index: number,
  directory: PlannedDirectory,
  tree: Tree,
  files: number,
  seed: number,
): Uint8Array {
  const { shape } = directory;
  if (shape.kind === 'indexed' && index <= shape.nodes) {
    const bytes = index === 0 ? indexRoot(directory, shape) : indexNode(shape, index - 1);
    sealHtreeBlock(seed, bytes, index === 0 ? HTREE_ROOT_ENTRIES : HTREE_NODE_ENTRIES);
    return bytes;
  }
  let bytes: Uint8Array;
  if (shape.kind === 'linear') {
    bytes = linearBlock(index, directory, shape.entries, tree, files);
  } else {
    const leaf = index - 1 - shape.nodes;
    const entries = shape.entries.subarray(shape.leafStarts[leaf], shape.leafStarts[leaf + 1]);
    bytes = new Uint8Array(BLOCK_SIZE);
    writeEntries(bytes, 0, entries, tree, files);
  }
  sealDirectoryBlock(seed, bytes);
  return bytes;
}
