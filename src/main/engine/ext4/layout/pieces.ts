import type { Piece } from '../../layout/layout.ts';
import { directoryBlock } from './directory-blocks.ts';
import { BLOCK_SIZE, INODES_PER_BLOCK, INODE_SIZE } from './geometry.ts';
import type { Groups } from './groups.ts';
import type { Inodes } from './inodes.ts';
import type { Body } from './placement.ts';
import type { SizedFilesystem } from './sizing.ts';
import type { Ext4Contents, Tree } from './tree.ts';

/** Metadata is made in pieces of at most this many blocks: 128 KiB. */
const CHUNK_BLOCKS = 32;

/**
 * Blocks `numbers`, which ascend, as few pieces as they have adjacent runs. `fill` writes the block
 * at `index` of `numbers` into zeroed memory.
 */
function* blockPieces(
  numbers: ArrayLike<number>,
  fill: (index: number, bytes: Uint8Array) => void,
): Generator<Piece> {
  for (let from = 0; from < numbers.length;) {
    const first = numbers[from] ?? 0;
    let to = from + 1;
    while (to < numbers.length && to - from < CHUNK_BLOCKS && numbers[to] === first + to - from)
      to++;
    const bytes = new Uint8Array((to - from) * BLOCK_SIZE);
    for (let index = from; index < to; index++) {
      fill(index, bytes.subarray((index - from) * BLOCK_SIZE, (index - from + 1) * BLOCK_SIZE));
    }
    yield { kind: 'bytes', offset: first * BLOCK_SIZE, bytes };
    from = to;
  }
}

function* inodeTablePieces(
  plan: SizedFilesystem,
  groups: Groups,
  inodes: Inodes,
): Generator<Piece> {
  const { geometry, placement } = plan;
  for (let group = 0; group < geometry.groups; group++) {
    const first = placement.inodeTables[group] ?? 0;
    const used = groups.usedInodes(group);
    const usedBlocks = Math.ceil(used / INODES_PER_BLOCK);
    const firstInode = group * geometry.inodesPerGroup + 1;
    const numbers = Array.from({ length: usedBlocks }, (_, index) => first + index);
    yield* blockPieces(numbers, (index, bytes) => {
      for (let slot = 0; slot < INODES_PER_BLOCK; slot++) {
        inodes.write(firstInode + index * INODES_PER_BLOCK + slot, bytes, slot * INODE_SIZE);
      }
    });
    const rest = geometry.tableBlocks - usedBlocks;
    if (rest > 0) {
      const offset = (first + usedBlocks) * BLOCK_SIZE;
      yield { kind: 'zeros', offset, length: rest * BLOCK_SIZE };
    }
  }
}

function* extentTreePieces(inodes: Inodes, inode: number, body: Body): Generator<Piece> {
  if (body.treeBlocks.length === 0) return;
  const blocks = inodes.extentTree(inode, body);
  yield* blockPieces(body.treeBlocks, (index, bytes) => bytes.set(blocks[index] ?? []));
}

function* directoryPieces(tree: Tree, files: number, inodes: Inodes): Generator<Piece> {
  for (const [index, directory] of tree.directories.entries()) {
    const body = inodes.directoryBody(index);
    const seed = inodes.seedOf(directory.inode);
    const numbers = new Uint32Array(directory.shape.blocks);
    let at = 0;
    for (const run of body.runs) {
      for (let block = run.first; block < run.end; block++) numbers[at++] = block;
    }
    yield* blockPieces(numbers, (block, bytes) =>
      bytes.set(directoryBlock(block, directory, tree, files, seed)),
    );
    yield* extentTreePieces(inodes, directory.inode, body);
  }
}

/** The files, each followed by the blocks of its extent tree where it has some; of kept ones the tree alone. */
export function* filePieces(contents: Ext4Contents, tree: Tree, inodes: Inodes): Generator<Piece> {
  for (const [fileIndex, { size }] of contents.files.entries()) {
    if (size === 0) continue;
    const body = inodes.fileBody(fileIndex);
    if (!inodes.isKept(fileIndex)) yield* contentPieces(fileIndex, size, body);
    yield* extentTreePieces(inodes, tree.inodeOf(fileIndex), body);
  }
}

/** The bytes of one file, and zeros up to the end of its last block. */
export function* contentPieces(fileIndex: number, size: number, body: Body): Generator<Piece> {
  let from = 0;
  for (const run of body.runs) {
    const offset = run.first * BLOCK_SIZE;
    const length = Math.min(size - from, (run.end - run.first) * BLOCK_SIZE);
    yield { kind: 'file', offset, length, fileIndex, from };
    from += length;
    // What an old device holds there would show in a file that someone extends.
    const padding = run.end * BLOCK_SIZE - offset - length;
    if (padding > 0) yield { kind: 'zeros', offset: offset + length, length: padding };
  }
}

/** Merges two sequences by offset. */
export function* merge(one: Iterable<Piece>, other: Iterable<Piece>): Generator<Piece> {
  const rest = other[Symbol.iterator]();
  let next = rest.next();
  for (const piece of one) {
    for (; next.done !== true && next.value.offset < piece.offset; next = rest.next())
      yield next.value;
    yield piece;
  }
  for (; next.done !== true; next = rest.next()) yield next.value;
}

/**
 * All that the files' bytes do not matter for, but block 0. `copies` are superblocks with their
 * descriptors.
 */
export function metadataPieces(
  contents: Ext4Contents,
  tree: Tree,
  plan: SizedFilesystem,
  groups: Groups,
  inodes: Inodes,
  copies: Iterable<Piece>,
): Iterable<Piece> {
  const { placement } = plan;
  function* all(): Generator<Piece> {
    yield* blockPieces(placement.blockBitmaps, (group, bytes) =>
      groups.fillBlockBitmap(group, bytes),
    );
    yield* blockPieces(placement.inodeBitmaps, (group, bytes) =>
      groups.fillInodeBitmap(group, bytes),
    );
    yield* inodeTablePieces(plan, groups, inodes);
    yield* directoryPieces(tree, contents.files.length, inodes);
  }
  return merge(all(), copies);
}
