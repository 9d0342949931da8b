import { builderError } from '../../../../shared/errors.ts';
import { locationOffset } from '../../content/member-location.ts';
import type { ImageInput } from '../../archive/image-input.ts';
import { sortInSteps } from '../../sort.ts';
import { runYielding, yieldToEventLoop } from '../../event-loop.ts';
import type { InspectedBlob } from '../inspected-image.ts';
import { MemberBlob } from '../member-blob.ts';
import type { Claims } from './claims.ts';
import {
  LINES_PER_YIELD,
  parseRegular,
  MAX_TABLE_LINES,
  tableLines,
  type RegularLine,
} from './tables.ts';
import { ShardedMap, ShardedSet } from '../../sharded.ts';

/** What regulars.txt says about an image, matched with what the input holds. */
export interface RegularFiles {
  readonly blobs: InspectedBlob[];
  readonly files: number;
  readonly hardLinkedFiles: number;
  readonly unpackedBytes: number;
  /** Lines without a size (older generators). */
  readonly sizesNotListed: number;
  /** Distinct members that some line needs. */
  readonly neededMembers: number;
}

/**
 * Reads regulars.txt and finds the member of every blob it names.
 * @throws `line-invalid`, `table-limit`, `blob-missing` (counting all that are missing),
 * `blob-size-mismatch`.
 */
export async function findBlobs(
  input: ImageInput,
  claims: Claims,
  table: Uint8Array,
  signal?: AbortSignal,
): Promise<RegularFiles> {
  const file = input.path;
  const name = claims.regulars.name;
  const blobs = new ShardedMap<string, InspectedBlob>();
  const inOrder: InspectedBlob[] = [];
  const inodes = new ShardedSet<string>();
  // Contents that no line has found yet; a later line with the same hash may.
  const missing = new Map<string, string>();
  let files = 0;
  let hardLinkedFiles = 0;
  let unpackedBytes = 0;
  let sizesNotListed = 0;

  for (const { text, number } of tableLines(table)) {
    if (number % LINES_PER_YIELD === 0) await yieldToEventLoop(signal);
    if (number > MAX_TABLE_LINES)
      throw builderError('table-limit', { file, name, limit: MAX_TABLE_LINES });
    const line = parseRegular(text);
    if (line === null || (line.compressed && claims.compressed === null))
      throw builderError('line-invalid', { file, name, line: number });
    files++;
    if (line.size === null) sizesNotListed++;
    if (line.nlink > 1) hardLinkedFiles++;
    const counted = line.inode !== null && !inodes.add(line.inode);

    const blobName = line.compressed ? `${line.sha256}.zst` : line.sha256;
    const known = blobs.get(blobName);
    const blob = known ?? locate(input, claims, line, blobName);
    if (blob === null) {
      if (!missing.has(blobName)) missing.set(blobName, memberName(claims, line));
      continue;
    }
    assertSize(file, line, blob);
    if (known === undefined) {
      blobs.set(blobName, blob);
      inOrder.push(blob);
      missing.delete(blobName);
    }
    if (!counted) unpackedBytes += line.size ?? blob.size;
  }
  const [path] = missing.values();
  if (path !== undefined) throw builderError('blob-missing', { file, path, count: missing.size });

  await runYielding(sortInSteps(inOrder, byPlace), signal);
  return {
    blobs: inOrder,
    files,
    hardLinkedFiles,
    unpackedBytes,
    sizesNotListed,
    neededMembers: blobs.size,
  };
}

function memberName(claims: Claims, line: RegularLine): string {
  return line.compressed
    ? `${claims.compressed ?? ''}/${line.sha256}.zst`
    : `${claims.rootfs}${line.path}`;
}

function locate(
  input: ImageInput,
  claims: Claims,
  line: RegularLine,
  name: string,
): InspectedBlob | null {
  const member = input.members.get(memberName(claims, line));
  return member === undefined ? null : new MemberBlob(name, member, line.size);
}

/** Two lines with one hash must agree, also when only one of them found its member. */
function assertSize(file: string, line: RegularLine, blob: InspectedBlob): void {
  const actual = blob.contentDigest.of === 'plain' ? blob.size : blob.contentDigest.unpackedSize;
  if (line.size !== null && actual !== undefined && line.size !== actual)
    throw builderError('blob-size-mismatch', {
      file,
      path: line.path,
      expected: line.size,
      actual,
    });
}

function byPlace(a: InspectedBlob, b: InspectedBlob): number {
  const [first, second] = [locationOffset(a.location), locationOffset(b.location)];
  if (first !== null && second !== null) return first - second;
  return a.name < b.name ? -1 : 1;
}
