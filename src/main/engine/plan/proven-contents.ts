import type { MemberDigest, MemberDigests } from '../content/member-digests.ts';
import { STEP_ITEMS, type Steps } from '../event-loop.ts';
import type { ContentDigest } from '../content/digest.ts';
import type { BuildPlan, PlannedFile } from './build-plan.ts';

/**
 * Contents that were unpacked once and found right, with the SHA-256 of their stored bytes. The same stored
 * bytes unpack to the same content, so a later look compares that hash and unpacks nothing
 * (docs/adr/0024). Of content that is stored as it is, its own hash is that already.
 */
export class ProvenContents {
  readonly #stored = new Map<string, string>();

  /** @param stored lower-case hex SHA-256 of the stored bytes, which were found right. */
  add({ path, contentDigest }: Pick<PlannedFile, 'path' | 'contentDigest'>, stored: string): void {
    if (contentDigest.of === 'zstd') this.#stored.set(path, stored);
  }

  addAll(others: ProvenContents): void {
    for (const [path, stored] of others.#stored) this.#stored.set(path, stored);
  }

  /**
   * What proves the content from now on: of what was proved before, the hash of its stored bytes.
   * @param path within the output.
   */
  digestOf(path: string, contentDigest: ContentDigest): ContentDigest {
    const sha256 = contentDigest.of === 'zstd' ? this.#stored.get(path) : undefined;
    return sha256 === undefined ? contentDigest : { sha256, of: 'plain' };
  }
}

/**
 * Compares the plan with what the members of its inputs were found to be while they were inspected.
 * @param digests of each input of the plan; null where none were found.
 * @param proven gets what is right.
 * @returns files whose content is still to be proved: of inputs without digests, sparse ones, and those that
 * are not what they should be, of which hashing says why.
 */
export function* proveByDigests(
  plan: BuildPlan,
  digests: readonly (MemberDigests | null)[],
  proven: ProvenContents,
): Steps<PlannedFile[]> {
  const left: PlannedFile[] = [];
  for (const [i, file] of plan.files.entries()) {
    if (i % STEP_ITEMS === 0) yield;
    const { source, contentDigest } = file;
    if (source.kind !== 'member') continue;
    const { input, location } = source;
    const found =
      location.kind === 'extent' ? (digests[input]?.find(location.offset) ?? null) : null;
    if (found !== null && isRight(found, contentDigest)) proven.add(file, found.stored);
    else left.push(file);
  }
  return left;
}

function isRight({ stored, unpacked }: MemberDigest, contentDigest: ContentDigest): boolean {
  if (contentDigest.of === 'plain') return stored === contentDigest.sha256;
  const { sha256, unpackedSize, storedSha256 = stored } = contentDigest;
  if (unpacked === null || unpacked.sha256 !== sha256 || stored !== storedSha256) return false;
  return (unpackedSize ?? unpacked.size) === unpacked.size;
}
