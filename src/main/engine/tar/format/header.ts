/** Bytes of a tar header; contents are padded to a multiple (POSIX ustar). */
export const BLOCK = 512;

/** Offset and bytes of the checksum field (POSIX ustar interchange format). */
export const SUM = { at: 148, bytes: 8 } as const;
/** The sum of a header's bytes, its checksum field counted as spaces (POSIX ustar, chksum). */
export function headerSum(block: Uint8Array): number {
  let sum = SUM.bytes * 0x20;
  for (let i = 0; i < SUM.at; i++) sum += block[i] ?? 0;
  for (let i = SUM.at + SUM.bytes; i < BLOCK; i++) sum += block[i] ?? 0;
  return sum;
}

/** The checksum that a header states; NaN where the field is no octal number. */
export function statedSum(block: Uint8Array): number {
  return octalField(block, SUM.at, SUM.bytes) ?? Number.NaN;
}

const SPACE = 0x20;
const ZERO = 0x30;
const SEVEN = 0x37;

/**
 * A numeric field: octal digits after any number of spaces, up to a NUL, a space or the field's end
 * (POSIX ustar). Byte by byte, since a text and a pattern for each take longer than reading the header.
 * @returns null for a field without digits, NaN for what is no octal number.
 */
export function octalField(block: Uint8Array, at: number, bytes: number): number | null {
  const end = at + bytes;
  let next = at;
  while (next < end && block[next] === SPACE) next++;
  const first = next;
  let value = 0;
  for (; next < end; next++) {
    const byte = block[next] ?? 0;
    if (byte === 0 || byte === SPACE) break;
    if (byte < ZERO || byte > SEVEN) return Number.NaN;
    value = value * 8 + byte - ZERO;
  }
  return next === first ? null : value;
}
