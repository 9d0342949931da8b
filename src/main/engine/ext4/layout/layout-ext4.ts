import { builderError } from '../../../../shared/errors.ts';
import type { BlobPlaces } from '../../content/blob-places.ts';
import type { FilePiece, KeptFiles, Layout, Piece, Range } from '../../layout/layout.ts';
import { atOnce, type Steps } from '../../event-loop.ts';
import { CRC32C_INITIAL, crc32c } from '../format/crc32c.ts';
import { MAX_TIMESTAMP } from '../format/inode.ts';
import { MAX_LABEL_BYTES, SUPERBLOCK_OFFSET } from '../format/superblock.ts';
import { placeAroundKept } from './around-kept.ts';
import type { BlockRange } from './free-runs.ts';
import { BLOCKS_PER_GROUP, BLOCK_SIZE, type Geometry } from './geometry.ts';
import { Groups } from './groups.ts';
import { Inodes } from './inodes.ts';
import { contentPieces, filePieces, merge, metadataPieces } from './pieces.ts';
import { WIPE_BYTES } from './probed.ts';
import { planSize, smallestBlocks, type SizedFilesystem } from './sizing.ts';
import { writeSuperblock, type FreeCounts, type Identity } from './superblock.ts';
import { planTree, type Ext4Contents, type Tree } from './tree.ts';

export interface Ext4Request extends Ext4Contents {
  /** What a person calls the output; for error messages only. */
  readonly target: string;
  /**
   * Bytes of the device or image file, or how to choose them from the fewest that hold the contents
   * ({@link smallestExt4Size}). What lies beyond 16 TiB is not used.
   */
  readonly size: number | ((smallest: number) => number);
  /**
   * Runs of blocks that may be taken, ascending and without overlaps; copies of the superblock are written all
   * the same, and `wipe` stays both ends of the device. The rest counts as free. Default: all blocks.
   */
  readonly usable?: readonly BlockRange[];
  /** At most 16 bytes of UTF-8. */
  readonly label: string;
  /** 16 bytes each; random or derived, but the same ones give the same filesystem. */
  readonly uuid: Uint8Array;
  readonly hashSeed: Uint8Array;
  /** Unix seconds: the one time of everything. */
  readonly timestamp: number;
}

function identityOf(request: Ext4Request): Identity {
  const label = new TextEncoder().encode(request.label);
  const wrong =
    label.length > MAX_LABEL_BYTES
      ? 'label'
      : request.uuid.length !== 16
        ? 'uuid'
        : request.hashSeed.length !== 16
          ? 'hashSeed'
          : !(request.timestamp >= 0 && request.timestamp <= MAX_TIMESTAMP)
            ? 'timestamp'
            : null;
  if (wrong !== null) throw builderError('internal', { detail: `ext4 layout: unusable ${wrong}` });
  const { uuid, hashSeed, timestamp } = request;
  return { label, uuid, hashSeed, timestamp: Math.floor(timestamp) };
}

function wipeOf(size: number): Range[] {
  if (size <= 2 * WIPE_BYTES) return [{ offset: 0, length: size }];
  const end = Math.floor((size - WIPE_BYTES) / BLOCK_SIZE) * BLOCK_SIZE;
  return [
    { offset: 0, length: WIPE_BYTES },
    { offset: end, length: size - end },
  ];
}

function occupiedBlocks({ geometry, placement }: SizedFilesystem): number {
  const used = [...placement.taken, ...geometry.reserved];
  return used.reduce((sum, { first, end }) => sum + end - first, 0);
}

function keptFiles(
  { files }: Ext4Contents,
  { placement: { kept } }: SizedFilesystem,
  inodes: Inodes,
): { readonly kept?: KeptFiles } {
  if (kept === null) return {};
  const sizeOf = (fileIndex: number): number => files[fileIndex]?.size ?? 0;
  return {
    kept: {
      count: kept.count,
      bytes: kept.fileIndexes().reduce((sum, fileIndex) => sum + sizeOf(fileIndex), 0),
      has: (fileIndex) => kept.has(fileIndex),
      fileIndexes: () => kept.fileIndexes(),
      placesOf: (fileIndex) =>
        Array.from(contentPieces(fileIndex, sizeOf(fileIndex), inodes.fileBody(fileIndex))).filter(
          (piece): piece is FilePiece => piece.kind === 'file',
        ),
    },
  };
}

/** The copies of superblock and descriptors, and the descriptors of group 0, in ascending order. */
function copiesOf(
  geometry: Geometry,
  descriptors: Uint8Array,
  free: FreeCounts,
  identity: Identity,
): Piece[] {
  return geometry.copyGroups.flatMap((group): Piece[] => {
    const offset = group * BLOCKS_PER_GROUP * BLOCK_SIZE;
    const table: Piece = { kind: 'bytes', offset: offset + BLOCK_SIZE, bytes: descriptors };
    // The primary one is the commit.
    if (group === 0) return [table];
    const bytes = new Uint8Array(BLOCK_SIZE);
    writeSuperblock(bytes, 0, group, geometry, free, identity);
    return [{ kind: 'bytes', offset, bytes }, table];
  });
}

/**
 * The whole ext4 filesystem as a pure function of what it shall hold. Metadata is packed at the
 * front, then come the files in their order, each without a gap and none where libblkid looks for
 * signatures (`probed.ts`): what a file holds must not be taken for one. At least a quarter as many inodes as
 * are used, and no fewer than 1,000, stay free. Block 0 with the superblock and the label is the
 * commit. Memory grows by some tens of bytes a file.
 *
 * @example
 * const volume = atOnce(volumeOf(plan));
 * const layout = layoutExt4({ ...plan, ...volume, target: name, size: deviceBytes });
 * for (const piece of layout.pieces()) write(piece); // ascending offsets; `file` pieces name their file
 * commit(layout.commit); // last: block 0, with the label
 *
 * @throws output-size-too-small, output-name-too-long, output-too-many-files
 */
export function layoutExt4(request: Ext4Request): Layout {
  return atOnce(layoutExt4Steps(request));
}

/** {@link layoutExt4}, in steps. */
export function* layoutExt4Steps(request: Ext4Request): Steps<Layout> {
  const identity = identityOf(request);
  const tree = yield* planTree(request, request.hashSeed);
  const size =
    typeof request.size === 'number'
      ? request.size
      : request.size((yield* smallestBlocks(tree, request)) * BLOCK_SIZE);
  return assemble(request, identity, tree, yield* planSize(tree, request, size), size);
}

/** A device that holds some of the files already. */
export interface RefreshRequest extends Ext4Request {
  /** Bytes of the device. */
  readonly size: number;
  /** Files that are there, by their index. Those that cannot stay are taken out. */
  readonly places: BlobPlaces;
}

/**
 * As {@link layoutExt4Steps}, around files that the device has already: a pure function of the contents, the size
 * and those places. All metadata is written anew. See {@link placeAroundKept}.
 * @returns null where the other files do not fit between them without being cut into many pieces.
 * @throws output-size-too-small, output-name-too-long, output-too-many-files
 */
export function* refreshExt4Steps(request: RefreshRequest): Steps<Layout | null> {
  const identity = identityOf(request);
  const { size, places } = request;
  const tree = yield* planTree(request, request.hashSeed);
  const whole = yield* planSize(tree, request, size);
  const plan = yield* placeAroundKept(tree, request, whole, size, places);
  return plan === null ? null : assemble(request, identity, tree, plan, size);
}

/** Everything has its place: what remains is to make the blocks. */
function assemble(
  request: Ext4Request,
  identity: Identity,
  tree: Tree,
  plan: SizedFilesystem,
  size: number,
): Layout {
  const seed = crc32c(CRC32C_INITIAL, request.uuid);
  const groups = new Groups(plan, tree);
  const inodes = new Inodes(request, tree, plan, seed, identity.timestamp);
  const free = { blocks: groups.freeBlocks(), inodes: groups.freeInodes() };
  const first = new Uint8Array(BLOCK_SIZE);
  writeSuperblock(first, SUPERBLOCK_OFFSET, 0, plan.geometry, free, identity);
  const metadata = (): Iterable<Piece> => {
    const copies = copiesOf(plan.geometry, groups.descriptors(seed), free, identity);
    return metadataPieces(request, tree, plan, groups, inodes, copies);
  };
  const files = () => filePieces(request, tree, inodes);
  return {
    size,
    bytesWritten: occupiedBlocks(plan) * BLOCK_SIZE,
    wipe: wipeOf(size),
    signature: { type: 'ext4', label: request.label },
    pieces: () => merge(metadata(), files()),
    independent: { metadata, files },
    ...keptFiles(request, plan, inodes),
    commit: { offset: 0, bytes: first },
  };
}

/**
 * Bytes of the smallest filesystem that holds the contents; {@link layoutExt4} takes this size and
 * any larger one. May exceed what ext4 can span (16 TiB).
 *
 * @throws output-name-too-long, output-too-many-files
 */
export function smallestExt4Size(
  contents: Ext4Contents & { readonly hashSeed: Uint8Array },
): number {
  return atOnce(smallestExt4SizeSteps(contents));
}

/** {@link smallestExt4Size}, in steps. */
export function* smallestExt4SizeSteps(
  contents: Ext4Contents & { readonly hashSeed: Uint8Array },
): Steps<number> {
  const tree = yield* planTree(contents, contents.hashSeed);
  return (yield* smallestBlocks(tree, contents)) * BLOCK_SIZE;
}
