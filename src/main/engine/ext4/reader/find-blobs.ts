import { BlobPlaces } from '../../content/blob-places.ts';
import type { BlockRange } from '../../content/block-range.ts';
import type { RandomReader } from '../../content/random-reader.ts';
import { builderError } from '../../../../shared/errors.ts';
import type { Ext4Node, Ext4Reader } from './ext4-reader.ts';

/** A file that is looked for. */
export interface WantedFile {
  readonly fileIndex: number;
  /** Bytes. */
  readonly size: number;
}

/** Entries of a filesystem that are looked at: more than any stick of ours has, within 200 MB of memory. */
const MAX_ENTRIES = 1_000_000;

/** Metadata that is read: inodes and names of so many files, and the bitmaps of a large disk. Bytes. */
const MAX_READ_BYTES = 1024 * 1024 * 1024;

/**
 * Looks for files that may stay where they are. The filesystem may be hostile: all of it is audited as e2fsck
 * does, so that no two files share a block and none lies in metadata, and time and memory are bounded. What the
 * files hold is not looked at.
 * @param wanted by the path of a file; undefined: it is not wanted.
 * @returns their blocks: of files with one name, of the wanted size, without holes or unwritten parts, in at most
 * `mostRuns(blocks)` pieces.
 * @throws filesystem-damaged, -unsupported, -limit
 */
export async function findBlobs(
  ext4: Ext4Reader,
  wanted: (path: string) => WantedFile | undefined,
  mostRuns: (blocks: number) => number,
  signal: AbortSignal,
): Promise<BlobPlaces> {
  const places = new BlobPlaces();
  let entries = 0;
  for await (const node of ext4.checkedWalk(signal)) {
    if (++entries > MAX_ENTRIES) throw limit('files', MAX_ENTRIES);
    const file = node.kind === 'file' && node.links === 1 ? wanted(node.path) : undefined;
    if (file === undefined || file.size === 0 || file.size !== node.size) continue;
    const blocks = Math.ceil(file.size / ext4.blockSize);
    const runs = await runsOf(ext4, node, blocks, mostRuns(blocks));
    if (runs !== null) places.set(file.fileIndex, runs);
  }
  return places;
}

/** Where the first `blocks` of a file are, if all are written and in at most `most` runs; else null. */
async function runsOf(
  ext4: Ext4Reader,
  node: Ext4Node,
  blocks: number,
  most: number,
): Promise<BlockRange[] | null> {
  if (node.contiguous && node.firstBlock !== null)
    return [{ first: node.firstBlock, end: node.firstBlock + blocks }];
  const runs: { first: number; end: number }[] = [];
  let reached = 0;
  for await (const { logical, physical, length, unwritten } of ext4.extents(node)) {
    if (logical !== reached || unwritten) return null;
    const end = physical + Math.min(length, blocks - reached);
    reached += length;
    const last = runs.at(-1);
    if (last?.end === physical) last.end = end;
    else runs.push({ first: physical, end });
    if (runs.length > most) return null;
    if (reached >= blocks) return runs;
  }
  return null;
}

/** The same reader, which gives up after {@link MAX_READ_BYTES}: pages that are asked for again count again. */
export function boundedReader(reader: RandomReader): RandomReader {
  let left = MAX_READ_BYTES;
  return {
    size: reader.size,
    read(offset, length) {
      left -= length;
      return left < 0
        ? Promise.reject(limit('bytes', MAX_READ_BYTES))
        : reader.read(offset, length);
    },
  };
}

const limit = (what: string, most: number): Error =>
  builderError('filesystem-limit', { target: '', what, limit: most });
