import { entrySize, sealDirectoryBlock } from '../../../src/main/engine/ext4/format/directory.ts';
import { crc32c, CRC32C_INITIAL } from '../../../src/main/engine/ext4/format/crc32c.ts';
import { sealDescriptor } from '../../../src/main/engine/ext4/format/group.ts';
import { sealHtreeBlock, HTREE_ROOT_ENTRIES } from '../../../src/main/engine/ext4/format/htree.ts';
import { inodeSeed, sealInode } from '../../../src/main/engine/ext4/format/inode.ts';
import { sealSuperblock } from '../../../src/main/engine/ext4/format/superblock.ts';

const BLOCK = 4096;
const INODE = 256;
const SUPERBLOCK = 1024;

/** One entry of a directory, to be changed in place. */
export interface Entry {
  name: string;
  inode: number;
  type: number;
}

/** Where a folder stood before anything was changed. */
interface Folder {
  readonly number: number;
  readonly blocks: readonly number[];
  readonly isIndexed: boolean;
}

/** A field that is set to a value: see {@link Image.poke}. */
export interface Poke {
  readonly kind: 'inode' | 'leaf' | 'directory' | 'descriptor' | 'bitmap' | 'superblock' | 'swap';
  readonly which: number;
  readonly at: number;
  readonly value: number;
  readonly width: number;
}

/**
 * One of our filesystems of a single group (blocks of 4 KiB) in memory, to be changed so that every checksum
 * is right again: as somebody does it who means it.
 */
export class Image {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly inodes: number;
  readonly blocks: number;
  /** First block. */
  readonly inodeTable: number;
  readonly #seed: number;
  readonly #inodesPerGroup: number;
  /** Blocks of the bitmaps of blocks and inodes. */
  readonly #bitmaps: readonly [number, number];
  readonly #data: Folder;
  readonly #folders: readonly Folder[];

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#seed = crc32c(CRC32C_INITIAL, bytes.subarray(SUPERBLOCK + 0x68, SUPERBLOCK + 0x78));
    this.inodes = this.view.getUint32(SUPERBLOCK, true);
    this.blocks = this.view.getUint32(SUPERBLOCK + 4, true);
    this.#inodesPerGroup = this.view.getUint32(SUPERBLOCK + 0x28, true);
    this.#bitmaps = [this.view.getUint32(BLOCK, true), this.view.getUint32(BLOCK + 4, true)];
    this.inodeTable = this.view.getUint32(BLOCK + 8, true);
    this.#data = this.#folder(this.find('data'));
    const others = ['meta', 'meta/0'].map((path) => this.#folder(this.find(path)));
    this.#folders = [this.#folder(2), this.#data, ...others];
  }

  #folder(number: number): Folder {
    return { number, blocks: this.#blocksOf(number), isIndexed: this.#isIndexed(number) };
  }

  #inodeAt(number: number): number {
    return this.inodeTable * BLOCK + (number - 1) * INODE;
  }
  #seedOf(number: number): number {
    return inodeSeed(this.#seed, number, this.view.getUint32(this.#inodeAt(number) + 0x64, true));
  }
  #block(number: number): Buffer {
    return this.bytes.subarray(number * BLOCK, (number + 1) * BLOCK);
  }

  /** Blocks of a file or folder, whose extents all stand in the inode. */
  #blocksOf(number: number): number[] {
    const at = this.#inodeAt(number) + 0x28;
    const count = this.view.getUint16(at + 2, true);
    return Array.from({ length: count }, (_, i) => at + 12 * (1 + i)).flatMap((extent) =>
      Array.from(
        { length: this.view.getUint16(extent + 4, true) },
        (_, i) => this.view.getUint32(extent + 8, true) + i,
      ),
    );
  }

  firstBlock(path: string): number {
    return this.#blocksOf(this.find(path))[0] ?? 0;
  }

  #isIndexed(number: number): boolean {
    return (this.view.getUint32(this.#inodeAt(number) + 0x20, true) & 0x1000) !== 0;
  }

  /** Blocks of entries: all of them, or all but the first of an indexed folder. */
  #leaves(number: number): number[] {
    const blocks = this.#blocksOf(number);
    return this.#isIndexed(number) ? blocks.slice(1) : blocks;
  }

  #read(block: number): Entry[] {
    const entries: Entry[] = [];
    for (let at = block * BLOCK; at < (block + 1) * BLOCK - 12;) {
      const length = this.view.getUint8(at + 6);
      entries.push({
        name: this.bytes.toString('utf8', at + 8, at + 8 + length),
        inode: this.view.getUint32(at, true),
        type: this.view.getUint8(at + 7),
      });
      const recordLength = this.view.getUint16(at + 4, true);
      // What was changed before may have made it senseless.
      if (recordLength < 12) break;
      at += recordLength;
    }
    return entries;
  }

  #write(block: number, entries: readonly Entry[], owner: number): void {
    const end = (block + 1) * BLOCK - 12;
    let at = block * BLOCK;
    this.bytes.fill(0, at, end);
    entries.forEach(({ name, inode, type }, index) => {
      const bytes = Buffer.from(name);
      const isLast = index === entries.length - 1;
      const length = isLast ? end - at : entrySize(bytes.length);
      this.view.setUint32(at, inode, true);
      this.view.setUint16(at + 4, length, true);
      this.view.setUint8(at + 6, bytes.length);
      this.view.setUint8(at + 7, type);
      bytes.copy(this.bytes, at + 8);
      at += length;
    });
    sealDirectoryBlock(this.#seedOf(owner), this.#block(block));
  }

  /** The inode of a path. */
  find(path: string): number {
    let number = 2;
    for (const part of path.split('/')) {
      const entries = this.#leaves(number).flatMap((block) => this.#read(block));
      const found = entries.find(({ name, inode }) => name === part && inode !== 0);
      if (found === undefined) throw new Error(`no ${path}`);
      number = found.inode;
    }
    return number;
  }

  editDirectory(path: string, edit: (entries: Entry[]) => void): void {
    this.editLeaf(path, 0, edit);
  }

  editLeaf(path: string, leaf: number, edit: (entries: Entry[]) => void): void {
    const owner = this.find(path);
    const block = this.#leaves(owner)[leaf] ?? 0;
    const entries = this.#read(block);
    edit(entries);
    this.#write(block, entries, owner);
  }

  /** Two leaves of an index change places: the same names where no look-up finds them. */
  exchangeLeaves(path: string): void {
    const owner = this.find(path);
    const [first = 0, second = 0] = this.#leaves(owner);
    const [a, b] = [this.#read(first), this.#read(second)];
    this.#write(first, b, owner);
    this.#write(second, a, owner);
  }

  /** Two names of one leaf become the same. */
  doubleInIndex(path: string): void {
    this.editLeaf(path, 0, (entries) => {
      const [first, second] = entries;
      if (first !== undefined && second !== undefined) second.name = first.name;
    });
  }

  editInode(number: number, edit: (view: DataView, at: number) => void): void {
    edit(this.view, this.#inodeAt(number));
    this.#sealInode(number);
  }

  #sealInode(number: number): void {
    sealInode(this.#seedOf(number), this.bytes, this.#inodeAt(number), INODE);
  }

  editSuperblock(edit: (view: DataView) => void): void {
    edit(new DataView(this.bytes.buffer, this.bytes.byteOffset + SUPERBLOCK, SUPERBLOCK));
    sealSuperblock(this.bytes, SUPERBLOCK);
  }

  editDescriptor(edit: (view: DataView, at: number) => void): void {
    edit(this.view, BLOCK);
    sealDescriptor(this.#seed, 0, this.bytes, BLOCK, 32);
  }

  /** Changes whether a block counts as used, with the counts that belong to it. */
  flipBlock(block: number): void {
    const at = this.view.getUint32(BLOCK, true) * BLOCK + (block >> 3);
    const mask = 1 << (block & 7);
    const change = (this.view.getUint8(at) & mask) === 0 ? -1 : 1;
    this.view.setUint8(at, this.view.getUint8(at) ^ mask);
    this.editDescriptor((view, base) =>
      view.setUint16(base + 0xc, view.getUint16(base + 0xc, true) + change, true),
    );
    this.editSuperblock((view) => view.setUint32(0xc, view.getUint32(0xc, true) + change, true));
    this.#sealBitmaps();
  }

  #sealBitmaps(): void {
    const sums = [
      [this.#bitmaps[0], BLOCK, 0x18],
      [this.#bitmaps[1], this.#inodesPerGroup / 8, 0x1a],
    ] as const;
    for (const [block, length, field] of sums) {
      const bitmap = this.bytes.subarray(block * BLOCK, block * BLOCK + length);
      this.view.setUint16(BLOCK + field, crc32c(this.#seed, bitmap) & 0xffff, true);
    }
    sealDescriptor(this.#seed, 0, this.bytes, BLOCK, 32);
  }

  /** Makes the checksums of all that is in the tree and of the group. */
  sealAll(): void {
    for (let number = 11; number < this.inodes; number++)
      if (this.view.getUint16(this.#inodeAt(number), true) !== 0) this.#sealInode(number);
    this.#folders.forEach((folder) => this.#seal(folder));
    this.#sealBitmaps();
    sealSuperblock(this.bytes, SUPERBLOCK);
  }

  /** Sets a field of what `kind` names, and the checksum over it. */
  poke({ kind, which, at, value, width }: Poke): void {
    const folder = this.#folders[which] ?? this.#data;
    switch (kind) {
      case 'inode':
        this.editInode(1 + which, (_, base) => this.#set(base + at, value, width));
        // Blocks of a folder are sealed by its generation.
        for (const each of this.#folders) if (each.number === 1 + which) this.#seal(each);
        return;
      case 'leaf':
        this.#set((this.#data.blocks[which] ?? 0) * BLOCK + at, value, width);
        this.#seal(this.#data);
        return;
      case 'directory':
        this.#set((folder.blocks[0] ?? 0) * BLOCK + at, value, width);
        this.#seal(folder);
        return;
      case 'descriptor':
        this.editDescriptor((_, base) => this.#set(base + at, value, width));
        return;
      case 'bitmap':
        this.#set((this.#bitmaps[which] ?? 0) * BLOCK + at, value, width);
        this.#sealBitmaps();
        return;
      case 'superblock':
        this.editSuperblock(() => this.#set(SUPERBLOCK + at, value, width));
        return;
      case 'swap':
        this.#swap(folder, at, value);
    }
  }

  #seal({ number, blocks, isIndexed }: Folder): void {
    const seed = this.#seedOf(number);
    blocks.forEach((block, index) => {
      if (isIndexed && index === 0) {
        // Where even the limit is wrong there is no place for a checksum.
        const limit = this.view.getUint16(block * BLOCK + HTREE_ROOT_ENTRIES, true);
        if (HTREE_ROOT_ENTRIES + 8 * (limit + 1) > BLOCK) return;
        sealHtreeBlock(seed, this.#block(block), HTREE_ROOT_ENTRIES);
      } else sealDirectoryBlock(seed, this.#block(block));
    });
  }

  /** Two entries of a block change places: the same names in another order. */
  #swap({ number, blocks, isIndexed }: Folder, first: number, second: number): void {
    const block = blocks[isIndexed ? 1 : 0] ?? 0;
    const entries = this.#read(block);
    const [a, b] = [entries[first], entries[second]];
    if (a === undefined || b === undefined) return;
    entries[first] = b;
    entries[second] = a;
    this.#write(block, entries, number);
  }

  #set(at: number, value: number, width: number): void {
    if (width === 1) this.view.setUint8(at, value & 0xff);
    else if (width === 2) this.view.setUint16(at, value & 0xffff, true);
    else this.view.setUint32(at, value, true);
  }
}
