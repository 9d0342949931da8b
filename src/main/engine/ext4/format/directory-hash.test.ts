import { expect, test } from 'vitest';
import { debugfsTool, run } from '../../../../../test/support/ext4/oracles.ts';
import { randomSource } from '../../../../../test/support/ext4/plans.ts';
import { describeNeeding } from '../../../../../test/support/tools.ts';
import { HASH_UNSIGNED, directoryHash, hashSeedOf } from './directory-hash.ts';

/** debugfs knows the signed ones by name; the unsigned ones are looked up in mounted filesystems. */
const NAMES = ['legacy', 'half_md4', 'tea'];
const SEED_TEXT = '01234567-89ab-cdef-1032-547698badcfe';
const SEED = Buffer.from(SEED_TEXT.replaceAll('-', ''), 'hex');

// debugfs takes lines of up to 255 bytes; longer names are looked up in mounted filesystems elsewhere.
function names(): string[] {
  const random = randomSource(42);
  const made = ['a', 'abcd', 'manifest.json', 'x'.repeat(170), 'é'.repeat(80), '日本語.txt'];
  for (let length = 1; length < 170; length += 3) {
    const pick = (): string => 'abcdefXYZ0189._-äあ'.charAt(Math.floor(random() * 18));
    let name = 'n'; // not a dash: debugfs would take it for an option
    while (Buffer.byteLength(name) < length) name += pick();
    made.push(name);
  }
  return made;
}

describeNeeding([debugfsTool], 'the hash of a name is that of debugfs', () => {
  test.each([...NAMES.entries()])('version %i, %s', (version) => {
    const all = names();
    const requests = all.map(
      (name) => `dx_hash -h ${NAMES[version] ?? ''} -s ${SEED_TEXT} ${name}\n`,
    );
    const { stdout } = run(debugfsTool, ['-f', '-'], requests.join(''));
    const hashes = [...stdout.matchAll(/^Hash of .* is 0x([0-9a-f]+) /gm)].map((match) =>
      Number.parseInt(match[1] ?? '', 16),
    );
    expect(hashes.length, stdout.slice(0, 300)).toBe(all.length);
    all.forEach((name, index) => {
      const bytes = new TextEncoder().encode(name);
      const hash = directoryHash(bytes, bytes.length, version, hashSeedOf(SEED));
      expect(hash, name).toBe(hashes[index]);
    });
  });
});

test('an all-zero seed means the default one', () => {
  expect(hashSeedOf(new Uint8Array(16))).toEqual([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]);
});

test('signed and unsigned hashes differ for names beyond ASCII only', () => {
  const seed = hashSeedOf(SEED);
  for (const name of names()) {
    const bytes = new TextEncoder().encode(name);
    const same = [0, 1, 2].every(
      (version) =>
        directoryHash(bytes, bytes.length, version, seed) ===
        directoryHash(bytes, bytes.length, version + HASH_UNSIGNED, seed),
    );
    expect(same, name).toBe(bytes.every((byte) => byte < 0x80));
  }
});
