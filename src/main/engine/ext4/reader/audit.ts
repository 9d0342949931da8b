import { viewOf } from '../format/field.ts';
import { GROUP_BLOCK_UNINIT, GROUP_INODE_UNINIT } from '../format/group.ts';
import { INODE_HUGE_FILE, INODE_KNOWN_FLAGS, MAX_LINKS, SECTOR_SIZE } from '../format/inode.ts';
import { SUPERBLOCK_SIZE, superblock as s } from '../format/superblock.ts';
import type { RandomReader } from '../../content/random-reader.ts';
import { Pace, yieldToEventLoop } from '../../event-loop.ts';
import { areAttributesSound } from './attributes.ts';
import { checkGroup, countClear } from './bitmaps.ts';
import { BlockClaims } from './block-claims.ts';
import { extentsOf } from './extents.ts';
import { ReservedInodes } from './reserved-inodes.ts';
import { checkUnusedInodes } from './unused-inodes.ts';
import type { Inode, Volume } from './volume.ts';
import { damaged, unsupported } from './volume-facts.ts';
import { checkCopy, checkFirstBlock, checkSuperblock } from './volume-rules.ts';
import { ShardedMap } from '../../sharded.ts';

/** What the names of the tree say of one inode. */
interface Known {
  readonly isDirectory: boolean;
  readonly links: number;
  names: number;
  /** Directories below it. */
  folders: number;
}

/**
 * Looks at a filesystem as e2fsck does, while its tree is walked: every block and inode has exactly one
 * owner, and bitmaps, counts and links say the same. What a repair would change, a vehicle could see
 * differently from what was checked. It shares nothing with e2fsck but the format.
 */
export class Audit {
  readonly #volume: Volume;
  readonly #claims: BlockClaims;
  readonly #inodes = new ShardedMap<number, Known>();
  /** Blocks of metadata by group, before any file has claimed some. */
  readonly #metadata: Uint32Array;

  private constructor(volume: Volume) {
    this.#volume = volume;
    this.#claims = new BlockClaims(volume.facts);
    this.#metadata = new Uint32Array(volume.facts.groups);
  }

  /** @throws filesystem-damaged, filesystem-unsupported */
  static async begin(volume: Volume, reader: RandomReader, signal?: AbortSignal): Promise<Audit> {
    const audit = new Audit(volume);
    checkSuperblock(volume.facts);
    await checkFirstBlock(reader, volume.facts);
    await audit.#claimMetadata(signal);
    for (const { inode, extra } of await new ReservedInodes(volume).all()) {
      if (inode !== null) await audit.#claimInode(inode);
      for (const block of extra) audit.#claims.claim(block, 1, () => 'reserved inodes');
    }
    return audit;
  }

  async #claimMetadata(signal: AbortSignal | undefined): Promise<void> {
    const { facts } = this.#volume;
    const { groups, firstDataBlock, blocksPerGroup, blockSize, inodesPerGroup, inodeSize } = facts;
    const descriptorBlocks = Math.ceil((groups * facts.descriptorSize) / blockSize);
    const reserved = s.s_reserved_gdt_blocks.get(viewOf(facts.superblock), 0);
    const tableBlocks = Math.ceil((inodesPerGroup * inodeSize) / blockSize);
    const pace = new Pace();
    for (let group = 0; group < groups; group++) {
      if (pace.isDue) await yieldToEventLoop(signal);
      const what = () => `group ${group}`;
      const start = firstDataBlock + group * blocksPerGroup;
      const end = Math.min(start + blocksPerGroup, facts.blocks);
      if (facts.hasCopy(group)) {
        this.#claims.claim(start, 1 + descriptorBlocks + reserved, what);
        if (group > 0)
          checkCopy(
            facts,
            group,
            (await this.#volume.block(start, what())).subarray(0, SUPERBLOCK_SIZE),
          );
      }
      const descriptor = await this.#volume.descriptor(group);
      const { blockBitmap, inodeBitmap, inodeTable } = descriptor;
      for (const [first, count] of [
        [blockBitmap, 1],
        [inodeBitmap, 1],
        [inodeTable, tableBlocks],
      ] as const) {
        if (!facts.flexibleGroups && (first < start || first + count > end))
          throw damaged(facts, what(), 'its metadata is in another group');
        this.#claims.claim(first, count, what);
      }
    }
    for (let group = 0; group < groups; group++) {
      if (pace.isDue) await yieldToEventLoop(signal);
      const bits = this.#claims.get(group);
      if (bits !== null) this.#metadata[group] = blocksPerGroup - countClear(bits, blocksPerGroup);
    }
  }

  /** The root, or what an entry of `parent` names. */
  async see(inode: Inode, parent: number | null): Promise<void> {
    const { facts } = this.#volume;
    const isDirectory = inode.kind === 'directory';
    let known = this.#inodes.get(inode.number);
    if (known === undefined) {
      known = { isDirectory, links: inode.links, names: 0, folders: 0 };
      this.#inodes.set(inode.number, known);
      await this.#claimInode(inode);
    }
    known.names++;
    if (parent === null) return;
    if (inode.number < facts.firstInode)
      throw damaged(facts, `inode ${inode.number}`, 'a reserved one has a name');
    const above = this.#inodes.get(parent);
    if (isDirectory && above !== undefined) above.folders++;
  }

  /** Claims the blocks of an inode, and checks what it says of them. */
  async #claimInode(inode: Inode): Promise<void> {
    const { facts } = this.#volume;
    const { blockSize } = facts;
    const what = () => `inode ${inode.number}`;
    const fault = (reason: string) => damaged(facts, what(), reason);
    const strange = (inode.flags & ~INODE_KNOWN_FLAGS) >>> 0;
    if (strange !== 0) throw unsupported(facts, `inode flags 0x${strange.toString(16)}`);
    if (inode.attributesBlock !== 0) throw unsupported(facts, 'blocks of attributes');
    if (inode.attributes !== null && !areAttributesSound(inode.attributes))
      throw fault('its attributes');
    if (inode.deleted !== 0) throw fault('it was deleted');
    if (inode.fragment !== 0) throw fault('a fragment');
    const isDirectory = inode.kind === 'directory';
    if (inode.indexed && !(isDirectory && facts.indexedDirectories))
      throw fault('an index of no directory, or without its feature');
    let blocks = 0;
    let reached = 0;
    let mapped = 0;
    if (inode.kind !== 'other' && !inode.fastSymlink) {
      const onNode = (block: number): void => {
        this.#claims.claim(block, 1, what);
        blocks++;
      };
      for await (const extent of extentsOf(this.#volume, inode, onNode)) {
        this.#claims.claim(extent.physical, extent.length, what);
        blocks += extent.length;
        mapped += extent.length;
        if (!extent.unwritten) reached = extent.logical + extent.length;
      }
    }
    // Blocks that were reserved beyond the end are no fault, written ones are.
    if (reached > Math.ceil(inode.size / blockSize)) throw fault('blocks beyond its end');
    if (isDirectory && mapped * blockSize !== inode.size) throw fault('blocks of a directory');
    const unit = inode.flags & INODE_HUGE_FILE ? blockSize : SECTOR_SIZE;
    if (inode.occupied * unit !== blocks * blockSize) throw fault('number of its blocks');
  }

  /** When all names were seen. */
  async finish(signal?: AbortSignal): Promise<void> {
    const { facts } = this.#volume;
    const pace = new Pace();
    const used = new Map<number, Uint8Array>();
    const folders = new Uint32Array(facts.groups);
    const mark = (number: number): void => {
      const group = Math.floor((number - 1) / facts.inodesPerGroup);
      const index = (number - 1) % facts.inodesPerGroup;
      let bits = used.get(group);
      if (bits === undefined) used.set(group, (bits = new Uint8Array(facts.inodesPerGroup / 8)));
      bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
    };
    for (let number = 1; number < facts.firstInode; number++) mark(number);
    for (const number of ReservedInodes.beyond(facts)) mark(number);
    for (const [number, known] of this.#inodes) {
      if (pace.isDue) await yieldToEventLoop(signal);
      this.#checkLinks(number, known);
      mark(number);
      const group = Math.floor((number - 1) / facts.inodesPerGroup);
      if (known.isDirectory) folders[group] = (folders[group] ?? 0) + 1;
    }
    let freeBlocks = 0;
    let freeInodes = 0;
    for (let group = 0; group < facts.groups; group++) {
      if (pace.isDue) await yieldToEventLoop(signal);
      const descriptor = await this.#volume.descriptor(group);
      if (descriptor.folders !== folders[group])
        throw damaged(facts, `descriptor of group ${group}`, 'number of directories');
      const inodes = used.get(group) ?? new Uint8Array(facts.inodesPerGroup / 8);
      await this.#checkBitmaps(group, inodes);
      await checkUnusedInodes(this.#volume, group, inodes);
      freeBlocks += descriptor.freeBlocks;
      freeInodes += descriptor.freeInodes;
    }
    if (freeBlocks !== facts.freeBlocks || freeInodes !== facts.freeInodes)
      throw damaged(facts, 'superblock', 'number of free blocks or inodes');
  }

  #checkLinks(number: number, { isDirectory, links, names, folders }: Known): void {
    // A directory is named by its parent, by itself, and by each below it; with dir_nlink 1 is "many".
    const expected = isDirectory ? 2 + folders : names;
    const isMany = isDirectory && links === 1 && expected > MAX_LINKS;
    if (links !== expected && !isMany)
      throw damaged(this.#volume.facts, `inode ${number}`, 'number of links');
  }

  /** Compares the bitmaps of a group, which agree with its descriptor, with what has an owner. */
  async #checkBitmaps(group: number, inodes: Uint8Array): Promise<void> {
    const { facts } = this.#volume;
    const { flags, freeBlocks, freeInodes } = await this.#volume.descriptor(group);
    const found = await checkGroup(this.#volume, group);
    const claimed = this.#claims.get(group);
    const start = facts.firstDataBlock + group * facts.blocksPerGroup;
    const blocks = Math.min(facts.blocksPerGroup, facts.blocks - start);
    if (flags & GROUP_BLOCK_UNINIT) {
      const metadata = this.#metadata[group] ?? 0;
      const owned =
        claimed === null ? 0 : facts.blocksPerGroup - countClear(claimed, facts.blocksPerGroup);
      if (owned !== metadata || freeBlocks !== blocks - metadata)
        throw damaged(facts, `block bitmap of group ${group}`, 'blocks are used without it');
    } else if (!isBitmap(found.blocks, claimed, blocks))
      throw damaged(facts, `block bitmap of group ${group}`, 'it differs from what is used');
    if (flags & GROUP_INODE_UNINIT) {
      if (inodes.some((byte) => byte !== 0) || freeInodes !== facts.inodesPerGroup)
        throw damaged(facts, `inode bitmap of group ${group}`, 'inodes are used without it');
    } else if (!isBitmap(found.inodes, inodes, facts.inodesPerGroup))
      throw damaged(facts, `inode bitmap of group ${group}`, 'it differs from what is used');
  }
}

/** Whether a bitmap has `owned` (null: none) as its first bits, and ones behind them. */
function isBitmap(bitmap: Uint8Array | null, owned: Uint8Array | null, bits: number): boolean {
  if (bitmap === null) return false;
  const whole = bits >> 3;
  const expected = owned ?? new Uint8Array(whole + 1);
  if (Buffer.compare(bitmap.subarray(0, whole), expected.subarray(0, whole)) !== 0) return false;
  const rest = bits & 7;
  const last = (expected[whole] ?? 0) | ((0xff << rest) & 0xff);
  if (whole < bitmap.length && bitmap[whole] !== (rest === 0 ? 0xff : last)) return false;
  return bitmap.subarray(whole + 1).every((byte) => byte === 0xff);
}
