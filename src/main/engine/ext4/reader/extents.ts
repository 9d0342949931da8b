import {
  EXTENT_ENTRY_SIZE,
  EXTENT_MAGIC,
  MAX_EXTENT_BLOCKS,
  MAX_EXTENT_DEPTH,
  extent as e,
  extentBlockChecksum,
  extentHeader,
  extentIndex,
  extentsPerBlock,
  storedExtentBlockChecksum,
} from '../format/extent.ts';
import { join32, viewOf } from '../format/field.ts';
import type { Inode, Volume } from './volume.ts';
import { beyondLimit, damaged } from './volume-facts.ts';

/** Adjacent blocks of a file. */
export interface Extent {
  /** First block within the file. */
  readonly logical: number;
  /** First block on the device. */
  readonly physical: number;
  /** Blocks. */
  readonly length: number;
  /** Reserved but never written: reads as zeros. */
  readonly unwritten: boolean;
}

/** A file in more pieces than this is not worth reading: 4 GiB with every block elsewhere. */
const MAX_EXTENTS = 2 ** 20;

/** Logical blocks that a node may cover. */
interface Bounds {
  readonly from: number;
  readonly to: number;
}

/** A node may be said to hold this many less than it could (lib/ext2fs/extent.c). */
const MAX_SPARE_ENTRIES = 2;

interface Node {
  readonly depth: number;
  readonly entries: number;
  readonly view: DataView;
}

function parseNode(volume: Volume, inode: Inode, bytes: Uint8Array, max: number): Node {
  const what = `extent tree of inode ${inode.number}`;
  const view = viewOf(bytes);
  const entries = extentHeader.eh_entries.get(view, 0);
  const depth = extentHeader.eh_depth.get(view, 0);
  if (extentHeader.eh_magic.get(view, 0) !== EXTENT_MAGIC) {
    throw damaged(volume.facts, what, 'no extent header');
  }
  if (extentHeader.eh_max.get(view, 0) < max - MAX_SPARE_ENTRIES || (entries === 0 && depth > 0)) {
    throw damaged(volume.facts, what, 'number of entries');
  }
  if (extentHeader.eh_max.get(view, 0) > max || entries > extentHeader.eh_max.get(view, 0)) {
    throw damaged(volume.facts, what, 'too many entries');
  }
  if (depth > MAX_EXTENT_DEPTH) throw damaged(volume.facts, what, 'too deep');
  return { depth, entries, view };
}

/** The extents of a leaf, which must ascend within `bounds`. */
function* leafExtents(volume: Volume, inode: Inode, node: Node, bounds: Bounds): Generator<Extent> {
  const { facts } = volume;
  let next = bounds.from;
  for (let index = 0; index < node.entries; index++) {
    const at = EXTENT_ENTRY_SIZE * (1 + index);
    const stored = e.ee_len.get(node.view, at);
    const unwritten = stored > MAX_EXTENT_BLOCKS;
    const length = unwritten ? stored - MAX_EXTENT_BLOCKS : stored;
    const logical = e.ee_block.get(node.view, at);
    const physical = join32(e.ee_start_lo.get(node.view, at), e.ee_start_hi.get(node.view, at));
    if (length === 0 || logical < next || logical + length > bounds.to) {
      throw damaged(facts, `extent tree of inode ${inode.number}`, 'extents out of order');
    }
    if (physical <= facts.firstDataBlock || physical + length > facts.blocks) {
      const reason = `block ${physical} is outside the filesystem`;
      throw damaged(facts, `extent tree of inode ${inode.number}`, reason);
    }
    checkFirst(volume, inode, bounds, index, logical);
    next = logical + length;
    yield { logical, physical, length, unwritten };
  }
}

/** A node begins where the one above says; the kernel refuses others (ext4_valid_extent_entries). */
function checkFirst(
  { facts }: Volume,
  inode: Inode,
  bounds: Bounds,
  index: number,
  logical: number,
): void {
  if (index === 0 && bounds !== EVERYTHING && logical !== bounds.from)
    throw damaged(facts, `extent tree of inode ${inode.number}`, 'a node begins elsewhere');
}

async function readNode(volume: Volume, inode: Inode, block: number, depth: number): Promise<Node> {
  const what = `extent tree of inode ${inode.number}`;
  const bytes = await volume.block(block, what);
  const node = parseNode(volume, inode, bytes, extentsPerBlock(volume.facts.blockSize));
  // An empty node would let a hostile tree of many levels be walked for ever without any extent.
  if (node.depth !== depth || node.entries === 0) {
    throw damaged(volume.facts, what, 'node of the wrong depth or without entries');
  }
  if (
    volume.facts.checksums === 'crc32c' &&
    storedExtentBlockChecksum(bytes) !== extentBlockChecksum(inode.seed, bytes)
  ) {
    throw damaged(volume.facts, what, 'checksum does not match');
  }
  return node;
}

/** The children of an inner node in order, with the logical blocks that each may cover. */
function* children(
  volume: Volume,
  inode: Inode,
  node: Node,
  bounds: Bounds,
): Generator<{ block: number; bounds: Bounds }> {
  const logicalAt = (index: number): number =>
    index < node.entries
      ? extentIndex.ei_block.get(node.view, EXTENT_ENTRY_SIZE * (1 + index))
      : bounds.to;
  for (let index = 0; index < node.entries; index++) {
    const at = EXTENT_ENTRY_SIZE * (1 + index);
    const from = logicalAt(index);
    const to = logicalAt(index + 1);
    // Each child covers something new: together with the check for empty nodes the walk must end.
    if (from < bounds.from || from >= to || to > bounds.to) {
      throw damaged(volume.facts, `extent tree of inode ${inode.number}`, 'index out of order');
    }
    checkFirst(volume, inode, bounds, index, from);
    const low = extentIndex.ei_leaf_lo.get(node.view, at);
    const block = join32(low, extentIndex.ei_leaf_hi.get(node.view, at));
    yield { block, bounds: { from, to } };
  }
}

async function* walk(
  volume: Volume,
  inode: Inode,
  node: Node,
  bounds: Bounds,
  onNode: ((block: number) => void) | undefined,
): AsyncGenerator<Extent> {
  if (node.depth === 0) {
    yield* leafExtents(volume, inode, node, bounds);
    return;
  }
  for (const child of children(volume, inode, node, bounds)) {
    const below = await readNode(volume, inode, child.block, node.depth - 1);
    onNode?.(child.block);
    yield* walk(volume, inode, below, child.bounds, onNode);
  }
}

const EVERYTHING: Bounds = { from: 0, to: 2 ** 32 };
/** Entries that fit into i_block. */
const MAX_ROOT_EXTENTS = 4;

/**
 * All extents in ascending order of `logical`; what lies between them is a hole.
 * @param onNode called with each block of the tree below the inode.
 */
export async function* extentsOf(
  volume: Volume,
  inode: Inode,
  onNode?: (block: number) => void,
): AsyncGenerator<Extent> {
  const root = parseNode(volume, inode, inode.root, MAX_ROOT_EXTENTS);
  let count = 0;
  for await (const extent of walk(volume, inode, root, EVERYTHING, onNode)) {
    if (++count > MAX_EXTENTS) {
      throw beyondLimit(volume.facts, `pieces of inode ${inode.number}`, MAX_EXTENTS);
    }
    yield extent;
  }
}

/** The extents of a file that has few: null when they do not stand in the inode itself. */
export function inodeExtents(volume: Volume, inode: Inode): readonly Extent[] | null {
  const root = parseNode(volume, inode, inode.root, MAX_ROOT_EXTENTS);
  return root.depth === 0 ? [...leafExtents(volume, inode, root, EVERYTHING)] : null;
}
