import { crc32c } from '../format/crc32c.ts';
import { viewOf } from '../format/field.ts';
import {
  DESCRIPTOR_SIZE,
  GROUP_INODE_ZEROED,
  groupDescriptor,
  sealDescriptor,
} from '../format/group.ts';
import { indexOf, joined } from './free-runs.ts';
import type { BlockRange } from './free-runs.ts';
import { BLOCKS_PER_GROUP, BLOCK_SIZE } from './geometry.ts';
import type { SizedFilesystem } from './sizing.ts';
import type { Tree } from './tree.ts';

/** Sets bits [from, to), the lowest bit of a byte first. */
function setBits(bitmap: Uint8Array, from: number, to: number): void {
  let bit = from;
  for (; bit < to && bit % 8 !== 0; bit++)
    bitmap[bit >> 3] = (bitmap[bit >> 3] ?? 0) | (1 << (bit & 7));
  const wholeTo = to - (to % 8);
  if (wholeTo > bit) {
    bitmap.fill(0xff, bit >> 3, wholeTo >> 3);
    bit = wholeTo;
  }
  for (; bit < to; bit++) bitmap[bit >> 3] = (bitmap[bit >> 3] ?? 0) | (1 << (bit & 7));
}

/** The parts of `ranges` inside [first, end), relative to `first`. Ranges ascend; there may be tens of thousands. */
function clip(ranges: readonly BlockRange[], first: number, end: number): BlockRange[] {
  const parts: BlockRange[] = [];
  for (let index = indexOf(ranges, first); index < ranges.length; index++) {
    const range = ranges[index];
    if (range === undefined || range.first >= end) break;
    const from = Math.max(range.first, first);
    const to = Math.min(range.end, end);
    if (from < to) parts.push({ first: from - first, end: to - first });
  }
  return parts;
}

/** The bitmaps and counts of every group. */
export class Groups {
  readonly #plan: SizedFilesystem;
  readonly #tree: Tree;
  /** All blocks in use, ascending. */
  readonly #used: readonly BlockRange[];

  constructor(plan: SizedFilesystem, tree: Tree) {
    this.#plan = plan;
    this.#tree = tree;
    this.#used = joined(joined(plan.placement.taken, plan.geometry.reserved), plan.keptRuns ?? []);
  }

  /** In the whole filesystem. */
  freeBlocks(): number {
    return this.#used.reduce(
      (free, range) => free - (range.end - range.first),
      this.#plan.geometry.blocks,
    );
  }

  freeInodes(): number {
    const { groups, inodesPerGroup } = this.#plan.geometry;
    return groups * inodesPerGroup - this.#tree.lastInode;
  }

  #blocksIn(group: number): number {
    const before = group * BLOCKS_PER_GROUP;
    return Math.min(BLOCKS_PER_GROUP, this.#plan.geometry.blocks - before);
  }

  /** Used inodes stand without a gap in the first groups. */
  usedInodes(group: number): number {
    const { inodesPerGroup } = this.#plan.geometry;
    return Math.min(inodesPerGroup, Math.max(0, this.#tree.lastInode - group * inodesPerGroup));
  }

  /** Bits beyond the end of the device are set, as if in use. */
  fillBlockBitmap(group: number, bitmap: Uint8Array): void {
    const first = group * BLOCKS_PER_GROUP;
    for (const range of clip(this.#used, first, first + BLOCKS_PER_GROUP)) {
      setBits(bitmap, range.first, range.end);
    }
    setBits(bitmap, this.#blocksIn(group), BLOCKS_PER_GROUP);
  }

  fillInodeBitmap(group: number, bitmap: Uint8Array): void {
    setBits(bitmap, 0, this.usedInodes(group));
    setBits(bitmap, this.#plan.geometry.inodesPerGroup, BLOCK_SIZE * 8);
  }

  /** The descriptors of all groups as whole blocks; the same in every copy. */
  descriptors(seed: number): Uint8Array {
    const { geometry, placement } = this.#plan;
    const bytes = new Uint8Array(geometry.descriptorBlocks * BLOCK_SIZE);
    const view = viewOf(bytes);
    const directories = this.#directoriesPerGroup();
    const bitmap = new Uint8Array(BLOCK_SIZE);
    // Most groups are wholly free or wholly in use, and alike: their checksums are worth keeping.
    const known = new Map<string, number>();
    const checksum = (key: string | null, length: number, fill: (bitmap: Uint8Array) => void) => {
      let sum = key === null ? undefined : known.get(key);
      if (sum === undefined) {
        fill(bitmap.fill(0));
        sum = crc32c(seed, bitmap, 0, length);
        if (key !== null) known.set(key, sum);
      }
      return sum & 0xffff;
    };
    for (let group = 0; group < geometry.groups; group++) {
      const base = group * DESCRIPTOR_SIZE;
      const d = groupDescriptor;
      const blocks = this.#blocksIn(group);
      const first = group * BLOCKS_PER_GROUP;
      const usedBlocks = clip(this.#used, first, first + blocks).reduce(
        (sum, range) => sum + range.end - range.first,
        0,
      );
      const usedInodes = this.usedInodes(group);
      d.bg_block_bitmap_lo.set(view, base, placement.blockBitmaps[group] ?? 0);
      d.bg_inode_bitmap_lo.set(view, base, placement.inodeBitmaps[group] ?? 0);
      d.bg_inode_table_lo.set(view, base, placement.inodeTables[group] ?? 0);
      d.bg_free_blocks_count_lo.set(view, base, blocks - usedBlocks);
      d.bg_free_inodes_count_lo.set(view, base, geometry.inodesPerGroup - usedInodes);
      d.bg_used_dirs_count_lo.set(view, base, directories.get(group) ?? 0);
      d.bg_itable_unused_lo.set(view, base, geometry.inodesPerGroup - usedInodes);
      // The table is written in full: the kernel need not zero it in the background.
      d.bg_flags.set(view, base, GROUP_INODE_ZEROED);
      const whole = blocks === BLOCKS_PER_GROUP && (usedBlocks === 0 || usedBlocks === blocks);
      d.bg_block_bitmap_csum_lo.set(
        view,
        base,
        checksum(whole ? `blocks ${usedBlocks}` : null, BLOCK_SIZE, (bits) =>
          this.fillBlockBitmap(group, bits),
        ),
      );
      d.bg_inode_bitmap_csum_lo.set(
        view,
        base,
        checksum(`inodes ${usedInodes}`, geometry.inodesPerGroup / 8, (bits) =>
          this.fillInodeBitmap(group, bits),
        ),
      );
      sealDescriptor(seed, group, bytes, base, DESCRIPTOR_SIZE);
    }
    return bytes;
  }

  #directoriesPerGroup(): Map<number, number> {
    const counts = new Map<number, number>();
    for (const { inode } of this.#tree.directories) {
      const group = Math.floor((inode - 1) / this.#plan.geometry.inodesPerGroup);
      counts.set(group, (counts.get(group) ?? 0) + 1);
    }
    return counts;
  }
}
