import type { RandomReader } from '../../content/random-reader.ts';
import { join32, viewOf } from '../format/field.ts';
import {
  DESCRIPTOR_SIZE_64BIT,
  descriptorChecksum,
  descriptorChecksum16,
  groupDescriptor as d,
} from '../format/group.ts';
import {
  ATTRIBUTES_MAGIC,
  INODE_BASE_SIZE,
  INODE_CASEFOLD,
  INODE_ENCRYPTED,
  INODE_EXTENTS,
  INODE_INDEX,
  INODE_INLINE_DATA,
  MODE_DIRECTORY,
  MODE_REGULAR,
  MODE_SYMLINK,
  MODE_TYPE_MASK,
  inode as i,
  inodeChecksum,
  inodeSeed,
  storedInodeChecksum,
  timeOf,
} from '../format/inode.ts';
import { PageCache } from './page-cache.ts';
import { damaged, unsupported, type VolumeFacts } from './volume-facts.ts';

export type Kind = 'file' | 'directory' | 'symlink' | 'other';

export interface Inode {
  readonly number: number;
  readonly kind: Kind;
  /** Permission bits. */
  readonly mode: number;
  readonly links: number;
  /** Bytes. */
  readonly size: number;
  /** Unix seconds. */
  readonly modified: number;
  readonly indexed: boolean;
  /** A symbolic link of less than 60 bytes, whose target is in the inode. */
  readonly fastSymlink: boolean;
  /** i_block: the root of the extent tree. */
  readonly root: Uint8Array;
  /** Checksum seed of what belongs to it. */
  readonly seed: number;
  /** i_flags. */
  readonly flags: number;
  /** i_blocks, in the unit that the flags tell. */
  readonly occupied: number;
  /** Block of attributes, or 0. */
  readonly attributesBlock: number;
  /** i_dtime. */
  readonly deleted: number;
  /** i_obso_faddr: of no use, and 0. */
  readonly fragment: number;
  /** Attributes behind their magic, null without. */
  readonly attributes: Uint8Array | null;
}

/** What reserved inodes are judged by. */
export interface ReservedInode {
  /** i_block. */
  readonly root: Uint8Array;
  readonly mode: number;
  readonly links: number;
  readonly flags: number;
  /** Bytes. */
  readonly size: number;
  /** In sectors. */
  readonly occupied: number;
  /** Time of deletion. */
  readonly deleted: number;
  /** It has neither type, owner, links, size nor attributes. */
  readonly isEmpty: boolean;
}

export interface Descriptor {
  readonly blockBitmap: number;
  readonly inodeBitmap: number;
  readonly inodeTable: number;
  readonly freeBlocks: number;
  readonly freeInodes: number;
  readonly folders: number;
  /** Inodes at the end of the table that were never in use. */
  readonly unusedInodes: number;
  readonly flags: number;
  /** 16 bits without 64bit. */
  readonly blockBitmapChecksum: number;
  readonly inodeBitmapChecksum: number;
  readonly checksumMask: number;
}

/** ext4 addresses the blocks of a file with 32 bits. */
const MAX_FILE_BLOCKS = 2 ** 32;

const kindOf = (mode: number): Kind => {
  const type = mode & MODE_TYPE_MASK;
  if (type === MODE_REGULAR) return 'file';
  if (type === MODE_DIRECTORY) return 'directory';
  return type === MODE_SYMLINK ? 'symlink' : 'other';
};

/** Bytes after the magic of attributes between an inode's fields and its end. */
function attributesOf(block: Uint8Array, base: number, inodeSize: number): Uint8Array | null {
  const view = viewOf(block);
  if (inodeSize <= INODE_BASE_SIZE) return null;
  const at = INODE_BASE_SIZE + i.i_extra_isize.get(view, base);
  if (at % 4 !== 0 || at + 4 > inodeSize || view.getUint32(base + at, true) !== ATTRIBUTES_MAGIC)
    return null;
  return block.subarray(base + at + 4, base + inodeSize);
}

/** Blocks, group descriptors and inodes, each checked. */
export class Volume {
  readonly facts: VolumeFacts;
  readonly #cache: PageCache;

  constructor(reader: RandomReader, facts: VolumeFacts) {
    this.facts = facts;
    this.#cache = new PageCache(reader);
  }

  /** One block of metadata. `what` names the structure in case that it cannot be there. */
  async block(number: number, what: string): Promise<Uint8Array> {
    const { blockSize, superblockBlock, blocks } = this.facts;
    if (number <= superblockBlock || number >= blocks) {
      throw damaged(this.facts, what, `block ${number} is outside the filesystem`);
    }
    return this.#cache.read(number * blockSize, blockSize);
  }

  #descriptorBlock(group: number): number {
    const { blockSize, descriptorSize, firstDataBlock, superblockBlock } = this.facts;
    const { firstMetaGroup, blocksPerGroup, hasCopy } = this.facts;
    const perBlock = blockSize / descriptorSize;
    const index = Math.floor(group / perBlock);
    if (index < firstMetaGroup) return superblockBlock + 1 + index;
    const first = index * perBlock;
    // In group 0 the superblock does not stand in the group's first block where that is block 0.
    if (first === 0) return superblockBlock + 1;
    return firstDataBlock + first * blocksPerGroup + (hasCopy(first) ? 1 : 0);
  }

  async descriptor(group: number): Promise<Descriptor> {
    const { facts } = this;
    const { blockSize, descriptorSize: size } = facts;
    const what = `descriptor of group ${group}`;
    const bytes = await this.block(this.#descriptorBlock(group), what);
    const base = (group % (blockSize / size)) * size;
    const view = viewOf(bytes);
    const stored = d.bg_checksum.get(view, base);
    const expected =
      facts.checksums === 'crc32c'
        ? descriptorChecksum(facts.checksumSeed, group, bytes, base, size)
        : facts.checksums === 'none'
          ? stored
          : descriptorChecksum16(facts.uuid, group, bytes, base, size);
    if (stored !== expected) throw damaged(facts, what, 'checksum does not match');
    const wide = size >= DESCRIPTOR_SIZE_64BIT;
    const high = (field: { get(view: DataView, base: number): number }): number =>
      wide ? field.get(view, base) : 0;
    const half = 0x10000;
    return {
      blockBitmap: join32(d.bg_block_bitmap_lo.get(view, base), high(d.bg_block_bitmap_hi)),
      inodeBitmap: join32(d.bg_inode_bitmap_lo.get(view, base), high(d.bg_inode_bitmap_hi)),
      inodeTable: join32(d.bg_inode_table_lo.get(view, base), high(d.bg_inode_table_hi)),
      freeBlocks:
        d.bg_free_blocks_count_lo.get(view, base) + half * high(d.bg_free_blocks_count_hi),
      freeInodes:
        d.bg_free_inodes_count_lo.get(view, base) + half * high(d.bg_free_inodes_count_hi),
      folders: d.bg_used_dirs_count_lo.get(view, base) + half * high(d.bg_used_dirs_count_hi),
      unusedInodes: d.bg_itable_unused_lo.get(view, base) + half * high(d.bg_itable_unused_hi),
      flags: d.bg_flags.get(view, base),
      blockBitmapChecksum:
        d.bg_block_bitmap_csum_lo.get(view, base) + half * high(d.bg_block_bitmap_csum_hi),
      inodeBitmapChecksum:
        d.bg_inode_bitmap_csum_lo.get(view, base) + half * high(d.bg_inode_bitmap_csum_hi),
      checksumMask: wide ? 0xffffffff : 0xffff,
    };
  }

  /** The block that holds an inode, and the offset in it. */
  async #locate(number: number): Promise<{ block: Uint8Array; base: number }> {
    const { facts } = this;
    const { blockSize, inodeSize } = facts;
    const what = `inode ${number}`;
    if (number < 1 || number > facts.inodes) throw damaged(facts, what, 'no such inode');
    const group = Math.floor((number - 1) / facts.inodesPerGroup);
    const { inodeTable } = await this.descriptor(group);
    const offset = ((number - 1) % facts.inodesPerGroup) * inodeSize;
    const block = await this.block(inodeTable + Math.floor(offset / blockSize), what);
    return { block, base: offset % blockSize };
  }

  /** An inode that needs no name, in use or not. */
  async reserved(number: number): Promise<ReservedInode> {
    const { block, base } = await this.#locate(number);
    const view = viewOf(block);
    const fields = [i.i_mode, i.i_uid, i.i_gid, i.i_links_count, i.i_file_acl_lo, i.i_size_lo];
    return {
      root: i.i_block.get(block, base),
      mode: i.i_mode.get(view, base),
      links: i.i_links_count.get(view, base),
      flags: i.i_flags.get(view, base),
      size: join32(i.i_size_lo.get(view, base), i.i_size_high.get(view, base)),
      occupied: i.i_blocks_lo.get(view, base),
      deleted: i.i_dtime.get(view, base),
      isEmpty: fields.every((field) => field.get(view, base) === 0),
    };
  }

  /** An inode in use. */
  async inode(number: number): Promise<Inode> {
    const { facts } = this;
    const { blockSize, inodeSize } = facts;
    const what = `inode ${number}`;
    const { block, base } = await this.#locate(number);
    const view = viewOf(block);
    const seed = inodeSeed(facts.checksumSeed, number, i.i_generation.get(view, base));
    if (facts.checksums === 'crc32c') {
      const stored = storedInodeChecksum(block, base, inodeSize);
      if (stored !== inodeChecksum(seed, block, base, inodeSize)) {
        throw damaged(facts, what, 'checksum does not match');
      }
    }
    const mode = i.i_mode.get(view, base);
    const links = i.i_links_count.get(view, base);
    if (mode === 0 || links === 0)
      throw damaged(facts, what, 'named by a directory but not in use');
    const extra = inodeSize > INODE_BASE_SIZE ? i.i_extra_isize.get(view, base) : 0;
    // ext4_iget refuses it: where the fields end is unknown.
    if (extra % 4 !== 0 || extra > inodeSize - INODE_BASE_SIZE)
      throw damaged(facts, what, 'extra size');
    const flags = i.i_flags.get(view, base);
    const kind = kindOf(mode);
    const size = join32(i.i_size_lo.get(view, base), i.i_size_high.get(view, base));
    if (size > MAX_FILE_BLOCKS * blockSize) throw damaged(facts, what, 'impossible size');
    const fastSymlink = kind === 'symlink' && size < 60 && (flags & INODE_EXTENTS) === 0;
    if (flags & (INODE_ENCRYPTED | INODE_CASEFOLD)) {
      throw unsupported(facts, `an encrypted or case-folded ${kind}`);
    }
    if (flags & INODE_INLINE_DATA) throw unsupported(facts, 'data inside inodes (inline_data)');
    if ((kind === 'file' || kind === 'directory') && !(flags & INODE_EXTENTS)) {
      throw unsupported(facts, 'block maps of ext2 and ext3');
    }
    const hasExtra =
      inodeSize > INODE_BASE_SIZE &&
      i.i_extra_isize.get(view, base) >= i.i_mtime_extra.offset + 4 - INODE_BASE_SIZE;
    return {
      number,
      kind,
      mode: mode & 0o7777,
      links,
      size,
      modified: timeOf(i.i_mtime.get(view, base), hasExtra ? i.i_mtime_extra.get(view, base) : 0),
      indexed: (flags & INODE_INDEX) !== 0,
      fastSymlink,
      root: i.i_block.get(block, base).slice(),
      seed,
      flags,
      occupied: join32(i.i_blocks_lo.get(view, base), i.l_i_blocks_high.get(view, base)),
      attributesBlock: join32(i.i_file_acl_lo.get(view, base), i.l_i_file_acl_high.get(view, base)),
      deleted: i.i_dtime.get(view, base),
      fragment: i.i_obso_faddr.get(view, base),
      attributes: attributesOf(block, base, inodeSize),
    };
  }
}
