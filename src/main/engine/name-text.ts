import { isUtf8 } from 'node:buffer';

/**
 * A file name as text, for names that Linux allows to be any bytes. What is not UTF-8 becomes one lone
 * surrogate for each byte (U+DC80 to U+DCFF, as Python's surrogateescape has it, PEP 383), so that two
 * names never become the same text and a name in a list finds the file of the same bytes.
 */
export function nameText(bytes: Buffer, start = 0, end = bytes.length): string {
  const text = bytes.toString('utf8', start, end);
  // Only a decoder that met wrong bytes, or a name with that very character, gives U+FFFD.
  if (!text.includes('\ufffd')) return text;
  return isUtf8(bytes.subarray(start, end)) ? text : escaped(bytes.subarray(start, end));
}

/** A path for a message to a person. */
export function pathText(path: string | Buffer): string {
  return typeof path === 'string' ? path : nameText(path);
}

function escaped(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes[at] ?? 0);
    const sequence = bytes.subarray(at, at + length);
    if (sequence.length === length && isUtf8(sequence)) {
      text += sequence.toString('utf8');
      at += length;
    } else text += String.fromCharCode(0xdc00 + (bytes[at++] ?? 0));
  }
  return text;
}

/** Bytes of a UTF-8 sequence that begins so (RFC 3629, 3). */
function sequenceLength(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
