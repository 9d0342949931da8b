import { builderError } from '../../../../shared/errors.ts';
import { HASH_HALF_MD4, directoryHash, hashSeedOf } from '../format/directory-hash.ts';
import { LOST_AND_FOUND, MAX_NAME_BYTES } from '../format/directory.ts';
import { FIRST_INODE, ROOT_INODE } from '../format/inode.ts';
import { sortNumbersInSteps } from '../../sort.ts';
import { STEP_ITEMS, type Steps } from '../../event-loop.ts';
import { packDirectory, type DirectoryShape } from './directory-shape.ts';

/** What the filesystem shall hold; a BuildPlan fits. */
export interface Ext4Contents {
  /** Parents before children, without the root; names separated by `/`. */
  readonly directories: readonly string[];
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** mke2fs gives lost+found 16 KiB, so that fsck finds room in it without allocating. */
const LOST_AND_FOUND_BLOCKS = 4;

/**
 * Entries of one directory: hash and position together fit the 53 bits of a number, by which
 * 300,000 names sort in a moment. An index of two levels holds about 13 million names of 68 bytes.
 */
export const MAX_DIRECTORY_ENTRIES = 2 ** 22;

export interface PlannedDirectory {
  readonly inode: number;
  readonly parentInode: number;
  readonly subdirectories: number;
  readonly shape: DirectoryShape;
}

/** Everything about the contents that does not depend on the size of the filesystem. */
export interface Tree {
  /** The root, the planned directories in their order, lost+found. */
  readonly directories: readonly PlannedDirectory[];
  /** Number of the last inode in use; all before it are in use or reserved. */
  readonly lastInode: number;
  /**
   * What inode `FIRST_INODE + i` is: the index of a file, or `files.length` plus the index of a
   * directory.
   */
  readonly inodeEntries: Uint32Array;
  readonly inodeOf: (entry: number) => number;
  /** Writes the name of an entry to `bytes` and returns its length. */
  readonly writeName: (entry: number, bytes: Uint8Array) => number;
}

const encoder = new TextEncoder();

const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
/** Empty for the root; `/` for an absolute path, which is in no directory of ours. */
function dirname(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === 0 ? '/' : path.slice(0, Math.max(0, slash));
}

/**
 * Writes the last part of a path as UTF-8 and returns its length; what does not fit is left out. Names
 * of blobs are ASCII and there are many: they are copied without making a string of each.
 */
function writeBasename(path: string, bytes: Uint8Array): number {
  const start = path.lastIndexOf('/') + 1;
  const end = Math.min(path.length, start + bytes.length);
  for (let at = start; at < end; at++) {
    const code = path.charCodeAt(at);
    if (code >= 0x80) return encodeChecked(path.slice(start), bytes);
    bytes[at - start] = code;
  }
  return end - start;
}

function encodeChecked(name: string, bytes: Uint8Array): number {
  if (!name.isWellFormed()) throw unusableName(name);
  return encoder.encodeInto(name, bytes).written;
}

const unusableName = (name: string): Error =>
  builderError('internal', { detail: `unusable file name ${JSON.stringify(name)}` });

const DOT = 0x2e;

function assertName(bytes: Uint8Array, length: number, name: () => string): void {
  const dots = bytes[0] === DOT && (length === 1 || (length === 2 && bytes[1] === DOT));
  const nul = bytes.indexOf(0);
  if (length === 0 || dots || (nul >= 0 && nul < length)) throw unusableName(name());
}

/** Groups the entries by directory: those of directory d are `children[starts[d]…starts[d + 1])`. */
function* groupByParent(
  contents: Ext4Contents,
): Steps<{ children: Uint32Array; starts: Uint32Array }> {
  const { directories, files } = contents;
  const indexOf = new Map<string, number>([['', 0]]);
  const entries = files.length + directories.length + 1;
  const parents = new Uint32Array(entries);
  let lastFolder = '';
  const parentOf = (path: string): number => {
    // Files of one folder mostly stand together: no need to cut the same name out of each.
    const slash = path.lastIndexOf('/');
    if (slash <= 0 || slash !== lastFolder.length || !path.startsWith(lastFolder))
      lastFolder = dirname(path);
    const parent = indexOf.get(lastFolder);
    if (parent === undefined) {
      throw builderError('internal', {
        detail: `no directory planned for ${JSON.stringify(path)}`,
      });
    }
    return parent;
  };
  for (const [index, path] of directories.entries()) {
    parents[files.length + index] = parentOf(path);
    indexOf.set(path, index + 1);
    if (index % STEP_ITEMS === 0) yield;
  }
  for (const [index, file] of files.entries()) {
    parents[index] = parentOf(file.path);
    if (index % STEP_ITEMS === 0) yield;
  }

  const starts = new Uint32Array(directories.length + 3);
  for (const parent of parents) starts[parent + 1] = (starts[parent + 1] ?? 0) + 1;
  for (let d = 1; d < starts.length; d++) starts[d] = (starts[d] ?? 0) + (starts[d - 1] ?? 0);
  const fill = starts.slice();
  const children = new Uint32Array(entries);
  for (const [index, parent] of parents.entries()) {
    // Entries of directories are numbered from files.length + 1 on: 0 is the root.
    const entry = index < files.length ? index : index + 1;
    const at = fill[parent] ?? 0;
    children[at] = entry;
    fill[parent] = at + 1;
    if (index % STEP_ITEMS === 0) yield;
  }
  return { children, starts };
}

/** Sorts entries by the hash of their names, refuses equal names; returns the hashes in order. */
function* sortByHash(
  entries: Uint32Array,
  hashOf: (entry: number) => number,
  nameOf: (entry: number) => string,
): Steps<Uint32Array> {
  if (entries.length > MAX_DIRECTORY_ENTRIES) {
    throw builderError('output-too-many-files', { limit: MAX_DIRECTORY_ENTRIES });
  }
  const keys = new Float64Array(entries.length);
  for (const [position, entry] of entries.entries()) {
    keys[position] = (hashOf(entry) / 2) * MAX_DIRECTORY_ENTRIES + position;
    if (position % STEP_ITEMS === 0) yield;
  }
  yield* sortNumbersInSteps(keys);
  const unsorted = entries.slice();
  const hashes = new Uint32Array(entries.length);
  let sameFrom = 0;
  for (const [rank, key] of keys.entries()) {
    if (rank % STEP_ITEMS === 0) yield;
    const entry = unsorted[key % MAX_DIRECTORY_ENTRIES] ?? 0;
    entries[rank] = entry;
    hashes[rank] = Math.floor(key / MAX_DIRECTORY_ENTRIES) * 2;
    if (hashes[rank] !== hashes[sameFrom]) sameFrom = rank;
    for (let other = sameFrom; other < rank; other++) {
      const name = nameOf(entry);
      if (nameOf(entries[other] ?? 0) === name) {
        throw builderError('internal', { detail: `planned twice: ${JSON.stringify(name)}` });
      }
    }
  }
  return hashes;
}

/**
 * Arranges the contents into directories and gives every entry its inode: directories first, then
 * the files of each directory in the order of their names' hashes. That is the order in which the
 * kernel lists an indexed directory, so a reader that looks at each file finds the inodes in a row.
 */
export function* planTree(contents: Ext4Contents, hashSeed: Uint8Array): Steps<Tree> {
  const { directories, files } = contents;
  const rootEntry = files.length;
  const lostAndFound = rootEntry + directories.length + 1;
  const nameOf = (entry: number): string => {
    if (entry === lostAndFound) return LOST_AND_FOUND;
    return basename(files[entry]?.path ?? directories[entry - rootEntry - 1] ?? '');
  };
  const writeName = (entry: number, bytes: Uint8Array): number => {
    if (entry === lostAndFound) return encoder.encodeInto(LOST_AND_FOUND, bytes).written;
    return writeBasename(files[entry]?.path ?? directories[entry - rootEntry - 1] ?? '', bytes);
  };

  const seed = hashSeedOf(hashSeed);
  const scratch = new Uint8Array(MAX_NAME_BYTES * 3);
  const nameBytes = new Uint8Array(lostAndFound + 1);
  const hashOf = (entry: number): number => {
    const length = writeName(entry, scratch);
    if (length > MAX_NAME_BYTES) {
      throw builderError('output-name-too-long', { name: nameOf(entry), limit: MAX_NAME_BYTES });
    }
    assertName(scratch, length, () => nameOf(entry));
    nameBytes[entry] = length;
    return directoryHash(scratch, length, HASH_HALF_MD4, seed);
  };

  const { children, starts } = yield* groupByParent(contents);
  const inodes = new Uint32Array(lostAndFound + 1);
  const inodeEntries = new Uint32Array(lostAndFound);
  inodes[rootEntry] = ROOT_INODE;
  let nextInode = FIRST_INODE;
  const assign = (entry: number): void => {
    inodeEntries[nextInode - FIRST_INODE] = entry;
    inodes[entry] = nextInode++;
  };
  assign(lostAndFound);
  for (let entry = rootEntry + 1; entry < lostAndFound; entry++) assign(entry);

  const planned: PlannedDirectory[] = [];
  const parentInodes = new Uint32Array(directories.length + 2).fill(ROOT_INODE);
  for (let d = 0; d <= directories.length; d++) {
    const inode = inodes[rootEntry + d] ?? 0;
    const entries = children.subarray(starts[d], starts[d + 1]);
    const hashes = yield* sortByHash(entries, hashOf, nameOf);
    let subdirectories = 0;
    for (const [position, entry] of entries.entries()) {
      if (position % STEP_ITEMS === 0) yield;
      if (entry < rootEntry) {
        assign(entry);
      } else {
        subdirectories++;
        parentInodes[entry - rootEntry] = inode;
      }
    }
    const shape = packDirectory(entries, hashes, nameBytes);
    planned.push({ inode, parentInode: parentInodes[d] ?? ROOT_INODE, subdirectories, shape });
  }
  planned.push({
    inode: FIRST_INODE,
    parentInode: ROOT_INODE,
    subdirectories: 0,
    shape: {
      kind: 'linear',
      entries: new Uint32Array(),
      blocks: LOST_AND_FOUND_BLOCKS,
    },
  });
  return {
    directories: planned,
    lastInode: nextInode - 1,
    inodeEntries,
    inodeOf: (entry) => inodes[entry] ?? 0,
    writeName,
  };
}
