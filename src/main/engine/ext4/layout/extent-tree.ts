import {
  EXTENTS_IN_INODE,
  EXTENT_ENTRY_SIZE,
  EXTENT_MAGIC,
  MAX_EXTENT_BLOCKS,
  extent,
  extentHeader,
  extentIndex,
  extentsPerBlock,
  sealExtentBlock,
} from '../format/extent.ts';
import { viewOf } from '../format/field.ts';
import { BLOCK_SIZE } from './geometry.ts';
import type { BlockRange } from './free-runs.ts';

const PER_BLOCK = extentsPerBlock(BLOCK_SIZE);

/** Extents that describe adjacent runs: one for each run and each 128 MiB of it. */
export function extentCount(runs: readonly BlockRange[]): number {
  let count = 0;
  for (const run of runs) count += Math.ceil((run.end - run.first) / MAX_EXTENT_BLOCKS);
  return count;
}

/** Blocks of the tree outside the inode, which holds four entries itself. */
export function extentTreeBlocks(extents: number): number {
  let blocks = 0;
  for (let entries = extents; entries > EXTENTS_IN_INODE;) {
    entries = Math.ceil(entries / PER_BLOCK);
    blocks += entries;
  }
  return blocks;
}

interface Entry {
  /** First block of the file that it covers. */
  readonly logical: number;
  /** First block of the data, or the block of the node below. */
  readonly block: number;
  /** Blocks of data; of no meaning in an index. */
  readonly length: number;
}

function writeNode(bytes: Uint8Array, max: number, depth: number, entries: readonly Entry[]): void {
  const view = viewOf(bytes);
  extentHeader.eh_magic.set(view, 0, EXTENT_MAGIC);
  extentHeader.eh_entries.set(view, 0, entries.length);
  extentHeader.eh_max.set(view, 0, max);
  extentHeader.eh_depth.set(view, 0, depth);
  let at = EXTENT_ENTRY_SIZE;
  for (const entry of entries) {
    if (depth === 0) {
      extent.ee_block.set(view, at, entry.logical);
      extent.ee_len.set(view, at, entry.length);
      extent.ee_start_lo.set(view, at, entry.block);
    } else {
      extentIndex.ei_block.set(view, at, entry.logical);
      extentIndex.ei_leaf_lo.set(view, at, entry.block);
    }
    at += EXTENT_ENTRY_SIZE;
  }
}

function leafEntries(runs: readonly BlockRange[]): Entry[] {
  const entries: Entry[] = [];
  let logical = 0;
  for (const run of runs) {
    for (let block = run.first; block < run.end; block += MAX_EXTENT_BLOCKS) {
      const length = Math.min(MAX_EXTENT_BLOCKS, run.end - block);
      entries.push({ logical, block, length });
      logical += length;
    }
  }
  return entries;
}

export interface ExtentTree {
  /** i_block. */
  readonly root: Uint8Array;
  /** Contents of the tree blocks, in the order of `treeBlocks`. */
  readonly blocks: readonly Uint8Array[];
}

/**
 * The extent tree of one inode. `treeBlocks` are the numbers of {@link extentTreeBlocks} blocks;
 * `seed` is the inode's checksum seed.
 */
export function buildExtentTree(
  runs: readonly BlockRange[],
  treeBlocks: readonly number[],
  seed: number,
): ExtentTree {
  let entries = leafEntries(runs);
  const blocks: Uint8Array[] = [];
  let depth = 0;
  while (entries.length > EXTENTS_IN_INODE) {
    const above: Entry[] = [];
    for (let from = 0; from < entries.length; from += PER_BLOCK) {
      const part = entries.slice(from, from + PER_BLOCK);
      const bytes = new Uint8Array(BLOCK_SIZE);
      writeNode(bytes, PER_BLOCK, depth, part);
      sealExtentBlock(seed, bytes);
      above.push({
        logical: part[0]?.logical ?? 0,
        block: treeBlocks[blocks.length] ?? 0,
        length: 0,
      });
      blocks.push(bytes);
    }
    entries = above;
    depth++;
  }
  const root = new Uint8Array(60);
  writeNode(root, EXTENTS_IN_INODE, depth, entries);
  return { root, blocks };
}
