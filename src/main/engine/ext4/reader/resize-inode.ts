import { viewOf } from '../format/field.ts';
import { INODE_EXTENTS, MODE_REGULAR, MODE_TYPE_MASK, SECTOR_SIZE } from '../format/inode.ts';
import { superblock as s } from '../format/superblock.ts';
import { isZeros } from '../../zeros.ts';
import type { ReservedInode, Volume } from './volume.ts';
import { damaged } from './volume-facts.ts';

/** The inode that owns blocks into which the group descriptors may grow. */
export const RESIZE_INODE = 7;

const ADDRESS_SIZE = 4;
/** Addresses that an inode holds itself: 12 of blocks, one of an indirect and one of a doubly indirect block. */
const DIRECT_BLOCKS = 12;
const DOUBLY_INDIRECT = (DIRECT_BLOCKS + 1) * ADDRESS_SIZE;

/**
 * Checks the resize inode and returns its doubly indirect block, the only one of its blocks that is not claimed
 * with the copies of the descriptors.
 *
 * Its form is that of `ext2fs_create_resize_inode` in e2fsprogs: the doubly indirect block has an address for each
 * reserved descriptor block of group 0, in the place that its number gives it, and each of those is an indirect
 * block with the addresses of the same block in the groups that have copies. e2fsck makes the inode anew, or
 * changes its size and its number of blocks, where anything differs.
 *
 * @throws filesystem-damaged
 */
export async function checkResizeInode(volume: Volume, inode: ReservedInode): Promise<number> {
  const { facts } = volume;
  const { blockSize } = facts;
  const what = `inode ${RESIZE_INODE}`;
  const must = (condition: boolean, reason: string): void => {
    if (!condition) throw damaged(facts, what, reason);
  };
  const { root, mode, links, flags, deleted, size, occupied } = inode;
  must((mode & MODE_TYPE_MASK) === MODE_REGULAR && links > 0, 'it is not in use');
  must(deleted === 0, 'it was deleted');
  must((flags & INODE_EXTENTS) === 0, 'it has extents');
  const doublyIndirect = viewOf(root).getUint32(DOUBLY_INDIRECT, true);
  const others = [root.subarray(0, DOUBLY_INDIRECT), root.subarray(DOUBLY_INDIRECT + ADDRESS_SIZE)];
  must(doublyIndirect !== 0 && others.every(isZeros), 'other blocks');

  const perBlock = blockSize / ADDRESS_SIZE;
  const reserved = s.s_reserved_gdt_blocks.get(viewOf(facts.superblock), 0);
  const descriptors = Math.ceil((facts.groups * facts.descriptorSize) / blockSize);
  const first = facts.superblockBlock + 1 + descriptors;
  const copies: number[] = [];
  for (let group = 1; group < facts.groups; group++)
    if (facts.hasCopy(group)) copies.push(group * facts.blocksPerGroup);
  must(copies.length <= perBlock, 'more copies than an indirect block has addresses');

  const addresses = new Uint32Array(perBlock);
  const indirect = new Uint32Array(perBlock);
  let last = 0;
  for (let index = 0; index < reserved; index++) {
    const place = (descriptors + index) % perBlock;
    addresses[place] = first + index;
    copies.forEach((start, at) => (indirect[at] = first + index + start));
    must(isTable(await volume.block(first + index, what), indirect), 'addresses of copies');
    last = Math.max(last, place);
  }
  must(isTable(await volume.block(doublyIndirect, what), addresses), 'addresses of descriptors');

  const blocks = 1 + reserved * (1 + copies.length);
  must(occupied * SECTOR_SIZE === blocks * blockSize, 'number of its blocks');
  const lastBlock = DIRECT_BLOCKS + perBlock + last * perBlock + copies.length - 1;
  must(copies.length === 0 || size >= lastBlock * blockSize, 'its size');
  return doublyIndirect;
}

/** Whether a block holds these addresses, little-endian. */
function isTable(block: Uint8Array, addresses: Uint32Array): boolean {
  const view = viewOf(block);
  return addresses.every((address, at) => view.getUint32(at * ADDRESS_SIZE, true) === address);
}
