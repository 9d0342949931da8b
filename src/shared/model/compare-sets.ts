import type { ManifestImage } from './manifest.ts';

/** How what a stick holds relates to what is to be written. `other`: neither is plainly the newer one. */
export type SetRelation = 'same' | 'older' | 'newer' | 'other';

type EcuVersion = Pick<ManifestImage, 'ecu_id' | 'image_version'>;

/**
 * Compares two sets of ECUs by their versions, for people: equal versions do not prove equal contents. A set is
 * older when it names the same ECUs, no version of it is newer and one is older.
 */
export function compareSets(
  held: readonly EcuVersion[],
  wanted: readonly EcuVersion[],
): SetRelation {
  if (held.length !== wanted.length) return 'other';
  const versions = new Map(wanted.map(({ ecu_id, image_version }) => [ecu_id, image_version]));
  const orders = new Set(
    held.map(({ ecu_id, image_version }) => {
      const version = versions.get(ecu_id);
      return version === undefined ? null : compareVersions(image_version, version);
    }),
  );
  if (orders.has(null) || (orders.has(-1) && orders.has(1))) return 'other';
  if (orders.has(-1)) return 'older';
  return orders.has(1) ? 'newer' : 'same';
}

/**
 * The order of two versions whose texts differ in their numbers alone (`ver_2` and `ver_10`, `1.9.0` and
 * `1.10.0`), by the first number that differs; null where nothing tells which is the newer one.
 */
export function compareVersions(one: string, other: string): -1 | 0 | 1 | null {
  if (one === other) return 0;
  const [ours, theirs] = [partsOf(one), partsOf(other)];
  if (ours.words.join('0') !== theirs.words.join('0')) return null;
  for (const [index, number] of ours.numbers.entries()) {
    const against = theirs.numbers[index] ?? number;
    if (number !== against) return number < against ? -1 : 1;
  }
  // They differ in leading zeros.
  return null;
}

/** BigInt, because a version may be a time with more digits than a number keeps. */
function partsOf(version: string): { words: string[]; numbers: bigint[] } {
  return {
    words: version.split(/\d+/u),
    numbers: Array.from(version.matchAll(/\d+/gu), ([digits]) => BigInt(digits)),
  };
}
