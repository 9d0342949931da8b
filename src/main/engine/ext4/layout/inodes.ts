import { high32, low32, viewOf } from '../format/field.ts';
import {
  EXTRA_ISIZE,
  FIRST_INODE,
  INODE_EXTENTS,
  INODE_INDEX,
  MAX_LINKS,
  MODE_DIRECTORY,
  MODE_REGULAR,
  ROOT_INODE,
  SECTOR_SIZE,
  inode,
  inodeSeed,
  sealInode,
  timeExtra,
} from '../format/inode.ts';
import { buildExtentTree } from './extent-tree.ts';
import { BLOCK_SIZE, INODE_SIZE } from './geometry.ts';
import { blocksFor, bodyOf, fileBodyOf } from './placement.ts';
import type { Body } from './placement.ts';
import type { SizedFilesystem } from './sizing.ts';
import type { Ext4Contents, PlannedDirectory, Tree } from './tree.ts';

const DIRECTORY_MODE = MODE_DIRECTORY | 0o755;
/** As mke2fs makes it: only root may look at what fsck rescued. */
const LOST_AND_FOUND_MODE = MODE_DIRECTORY | 0o700;
const FILE_MODE = MODE_REGULAR | 0o644;

interface InodeValues {
  readonly mode: number;
  readonly links: number;
  readonly size: number;
  readonly flags: number;
  readonly body: Body;
}

/** The contents of the inode tables. */
export class Inodes {
  readonly #contents: Ext4Contents;
  readonly #tree: Tree;
  readonly #plan: SizedFilesystem;
  readonly #seed: number;
  /** What all inodes in use have in common. */
  readonly #common: Uint8Array;

  /** `seed` is the filesystem's checksum seed. */
  constructor(
    contents: Ext4Contents,
    tree: Tree,
    plan: SizedFilesystem,
    seed: number,
    timestamp: number,
  ) {
    this.#contents = contents;
    this.#tree = tree;
    this.#plan = plan;
    this.#seed = seed;
    this.#common = commonInode(timestamp);
  }

  /** Whether the file stays where it is. */
  isKept(fileIndex: number): boolean {
    return this.#plan.placement.kept?.has(fileIndex) === true;
  }

  fileBody(fileIndex: number): Body {
    const blocks = blocksFor(this.#contents.files[fileIndex]?.size ?? 0);
    return fileBodyOf(this.#plan.placement, fileIndex, blocks);
  }

  directoryBody(directory: number): Body {
    const { placement } = this.#plan;
    const blocks = this.#tree.directories[directory]?.shape.blocks ?? 0;
    return bodyOf(placement.directories[directory] ?? 0, blocks, placement.free);
  }

  /** The blocks of an entry's extent tree that do not fit into its inode. */
  extentTree(inodeNumber: number, body: Body): readonly Uint8Array[] {
    return buildExtentTree(body.runs, body.treeBlocks, this.seedOf(inodeNumber)).blocks;
  }

  /** Every inode has generation 0. */
  seedOf(inodeNumber: number): number {
    return inodeSeed(this.#seed, inodeNumber, 0);
  }

  /** Writes inode `number` at `base`; an unused one stays zero. */
  write(number: number, bytes: Uint8Array, base: number): void {
    const values = this.#valuesOf(number);
    if (values === null) return;
    bytes.set(this.#common, base);
    const view = viewOf(bytes);
    const blocks =
      values.body.runs.reduce((sum, run) => sum + run.end - run.first, 0) +
      values.body.treeBlocks.length;
    const sectors = blocks * (BLOCK_SIZE / SECTOR_SIZE);
    inode.i_mode.set(view, base, values.mode);
    inode.i_size_lo.set(view, base, low32(values.size));
    inode.i_size_high.set(view, base, high32(values.size));
    inode.i_links_count.set(view, base, values.links);
    inode.i_blocks_lo.set(view, base, low32(sectors));
    inode.l_i_blocks_high.set(view, base, high32(sectors));
    inode.i_flags.set(view, base, INODE_EXTENTS | values.flags);
    const seed = this.seedOf(number);
    const { root } = buildExtentTree(values.body.runs, values.body.treeBlocks, seed);
    inode.i_block.set(bytes, base, root);
    sealInode(seed, bytes, base, INODE_SIZE);
  }

  #valuesOf(number: number): InodeValues | null {
    if (number === ROOT_INODE) return this.#directoryValues(0);
    if (number < FIRST_INODE || number > this.#tree.lastInode) return null;
    const entry = this.#tree.inodeEntries[number - FIRST_INODE] ?? 0;
    const { files } = this.#contents;
    if (entry >= files.length) return this.#directoryValues(entry - files.length);
    return {
      mode: FILE_MODE,
      links: 1,
      size: files[entry]?.size ?? 0,
      flags: 0,
      body: this.fileBody(entry),
    };
  }

  #directoryValues(index: number): InodeValues {
    const directory = this.#tree.directories[index] as PlannedDirectory;
    const links = 2 + directory.subdirectories;
    return {
      mode: directory.inode === FIRST_INODE ? LOST_AND_FOUND_MODE : DIRECTORY_MODE,
      links: links >= MAX_LINKS ? 1 : links,
      size: directory.shape.blocks * BLOCK_SIZE,
      flags: directory.shape.kind === 'indexed' ? INODE_INDEX : 0,
      body: this.directoryBody(index),
    };
  }
}

function commonInode(timestamp: number): Uint8Array {
  const bytes = new Uint8Array(INODE_SIZE);
  const view = viewOf(bytes);
  inode.i_extra_isize.set(view, 0, EXTRA_ISIZE);
  for (const time of [inode.i_atime, inode.i_ctime, inode.i_mtime, inode.i_crtime])
    time.set(view, 0, low32(timestamp));
  const { i_atime_extra, i_ctime_extra, i_mtime_extra, i_crtime_extra } = inode;
  for (const time of [i_atime_extra, i_ctime_extra, i_mtime_extra, i_crtime_extra])
    time.set(view, 0, timeExtra(timestamp));
  return bytes;
}
