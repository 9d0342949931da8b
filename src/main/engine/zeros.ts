/** Compared with at once. */
const ZEROS = new Uint8Array(64 * 1024);

/** Whether all bytes are 0. Gigabytes may be: calling a function for each byte takes minutes. */
export function isZeros(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const piece = bytes.subarray(at, at + ZEROS.length);
    if (Buffer.compare(piece, ZEROS.subarray(0, piece.length)) !== 0) return false;
  }
  return true;
}
