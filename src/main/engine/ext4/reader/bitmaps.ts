import { crc32c } from '../format/crc32c.ts';
import { GROUP_BLOCK_UNINIT, GROUP_INODE_UNINIT } from '../format/group.ts';
import type { Volume } from './volume.ts';
import { damaged } from './volume-facts.ts';

/** Number of set bits by byte. */
const BITS_SET = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
});

/** Clear bits among the first `bits`, a multiple of 8 or less than that of the last byte. */
export function countClear(bitmap: Uint8Array, bits: number): number {
  let clear = bits;
  const whole = bits >> 3;
  for (let byte = 0; byte < whole; byte++) clear -= BITS_SET[bitmap[byte] ?? 0] ?? 0;
  const rest = (bitmap[whole] ?? 0) & ((1 << (bits & 7)) - 1);
  return clear - (BITS_SET[rest] ?? 0);
}

export interface Bitmaps {
  /** null where the group has none yet. */
  readonly blocks: Uint8Array | null;
  readonly inodes: Uint8Array | null;
}

/** Checks a group's descriptor, and its bitmaps against it. */
export async function checkGroup(volume: Volume, group: number): Promise<Bitmaps> {
  const { facts } = volume;
  const descriptor = await volume.descriptor(group);
  const check = async (
    what: string,
    block: number,
    bits: number,
    checksummedBits: number,
    checksum: number,
    free: number,
  ): Promise<Uint8Array> => {
    const name = `${what} of group ${group}`;
    const bitmap = await volume.block(block, name);
    if (facts.checksums === 'crc32c') {
      const sum = crc32c(facts.checksumSeed, bitmap, 0, checksummedBits / 8);
      if ((sum & descriptor.checksumMask) >>> 0 !== checksum) {
        throw damaged(facts, name, 'checksum does not match');
      }
    }
    if (countClear(bitmap, bits) !== free) {
      throw damaged(facts, name, 'does not have as many free as the descriptor says');
    }
    return bitmap;
  };
  const found: { blocks: Uint8Array | null; inodes: Uint8Array | null } = {
    blocks: null,
    inodes: null,
  };
  if (!(descriptor.flags & GROUP_BLOCK_UNINIT)) {
    const first = facts.firstDataBlock + group * facts.blocksPerGroup;
    const blocks = Math.min(facts.blocksPerGroup, facts.blocks - first);
    const perCluster = facts.blocksPerGroup / facts.clustersPerGroup;
    found.blocks = await check(
      'block bitmap',
      descriptor.blockBitmap,
      Math.ceil(blocks / perCluster),
      facts.clustersPerGroup,
      descriptor.blockBitmapChecksum,
      descriptor.freeBlocks,
    );
  }
  if (!(descriptor.flags & GROUP_INODE_UNINIT)) {
    found.inodes = await check(
      'inode bitmap',
      descriptor.inodeBitmap,
      facts.inodesPerGroup,
      facts.inodesPerGroup,
      descriptor.inodeBitmapChecksum,
      descriptor.freeInodes,
    );
  }
  return found;
}
