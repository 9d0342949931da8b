import { viewOf } from '../format/field.ts';
import { GROUP_INODE_UNINIT } from '../format/group.ts';
import { inode as i, inodeChecksum, inodeSeed, storedInodeChecksum } from '../format/inode.ts';
import { isZeros } from '../../zeros.ts';
import type { Volume } from './volume.ts';
import { damaged } from './volume-facts.ts';

/**
 * An inode that no name leads to is empty, or was deleted: else e2fsck brings it back in lost+found.
 * @param used a bit for each inode of the group that has a name or is reserved.
 */
export async function checkUnusedInodes(
  volume: Volume,
  group: number,
  used: Uint8Array,
): Promise<void> {
  const { facts } = volume;
  const { inodesPerGroup, inodeSize, blockSize } = facts;
  const { flags, unusedInodes, inodeTable } = await volume.descriptor(group);
  const scanned = facts.checksums === 'none' ? inodesPerGroup : inodesPerGroup - unusedInodes;
  const isUsed = (index: number): boolean => ((used[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
  for (let index = Math.max(scanned, 0); index < inodesPerGroup; index++)
    if (isUsed(index))
      throw damaged(facts, `descriptor of group ${group}`, 'an inode in use counts as unused');
  if (scanned < 0) throw damaged(facts, `descriptor of group ${group}`, 'number of unused inodes');
  if (flags & GROUP_INODE_UNINIT) return;
  const perBlock = blockSize / inodeSize;
  for (let first = 0; first < scanned; first += perBlock) {
    const what = `inode table of group ${group}`;
    const block = await volume.block(inodeTable + first / perBlock, what);
    if (isZeros(block)) continue;
    for (let index = first; index < Math.min(first + perBlock, scanned); index++) {
      const base = (index - first) * inodeSize;
      if (isUsed(index) || isZeros(block.subarray(base, base + inodeSize))) continue;
      const view = viewOf(block);
      const number = group * inodesPerGroup + index + 1;
      if (i.i_links_count.get(view, base) !== 0)
        throw damaged(facts, `inode ${number}`, 'it is in use, but has no name');
      if (facts.checksums !== 'crc32c') continue;
      const seed = inodeSeed(facts.checksumSeed, number, i.i_generation.get(view, base));
      if (
        storedInodeChecksum(block, base, inodeSize) !== inodeChecksum(seed, block, base, inodeSize)
      )
        throw damaged(facts, `inode ${number}`, 'checksum does not match');
    }
  }
}
