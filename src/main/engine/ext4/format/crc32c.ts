/** Reversed Castagnoli polynomial. */
const POLYNOMIAL = 0x82f63b78;

/** Eight tables of 256 entries: eight bytes are taken per step ("slicing by 8"). */
const tables = ((): Uint32Array => {
  const table = new Uint32Array(8 * 256);
  for (let n = 0; n < 256; n++) {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    table[n] = crc;
  }
  for (let slice = 1; slice < 8; slice++) {
    for (let n = 0; n < 256; n++) {
      const previous = table[(slice - 1) * 256 + n] ?? 0;
      table[slice * 256 + n] = (previous >>> 8) ^ (table[previous & 0xff] ?? 0);
    }
  }
  return table;
})();

/** The value that ext4 starts every checksum chain with. */
export const CRC32C_INITIAL = 0xffffffff;

/**
 * CRC-32C as the kernel's `ext4_chksum` computes it: no inversion at the start or the end, so that a
 * result can seed the next call. Covers bytes [from, to).
 */
export function crc32c(seed: number, bytes: Uint8Array, from = 0, to = bytes.length): number {
  // Every index is inside its array by construction; the assertions keep the loop free of the
  // fallbacks that would halve its speed.
  /* eslint-disable @typescript-eslint/no-non-null-assertion */
  const t = tables;
  let crc = seed | 0;
  let i = from;
  for (const last = to - 7; i < last; i += 8) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc =
      t[0x700 + (crc & 0xff)]! ^
      t[0x600 + ((crc >>> 8) & 0xff)]! ^
      t[0x500 + ((crc >>> 16) & 0xff)]! ^
      t[0x400 + (crc >>> 24)]! ^
      t[0x300 + bytes[i + 4]!]! ^
      t[0x200 + bytes[i + 5]!]! ^
      t[0x100 + bytes[i + 6]!]! ^
      t[bytes[i + 7]!]!;
  }
  for (; i < to; i++) crc = (crc >>> 8) ^ t[(crc ^ bytes[i]!) & 0xff]!;
  /* eslint-enable @typescript-eslint/no-non-null-assertion */
  return crc >>> 0;
}

const word = new Uint8Array(4);

/** The chain over a 32-bit little-endian number. */
export function crc32cOfU32(seed: number, value: number): number {
  word[0] = value;
  word[1] = value >>> 8;
  word[2] = value >>> 16;
  word[3] = value >>> 24;
  return crc32c(seed, word);
}
