import { nameText } from '../name-text.ts';

/** One record; a keyword may occur more than once, and then its last record counts or all of them do. */
export type PaxRecord = readonly [key: string, value: string];

/**
 * The records of a pax extended header (POSIX.1-2017, pax, "pax Extended Header"): each is
 * `<length> <key>=<value>\n`, the length in decimal counting the whole record in bytes.
 *
 * Our own reading because node-tar's splits at line feeds, which values may hold, and passes over
 * records that it cannot read: two readers of one archive would then see different names.
 *
 * @returns null for malformed records.
 */
export function parsePaxRecords(body: Uint8Array): PaxRecord[] | null {
  const records: PaxRecord[] = [];
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.length);
  for (let at = 0; at < buffer.length;) {
    // Some writers fill the rest of the block into the size.
    if (buffer[at] === 0) break;
    const space = buffer.indexOf(0x20, at);
    if (space === -1 || space - at > MAX_LENGTH_DIGITS) return null;
    const digits = buffer.toString('latin1', at, space);
    const end = at + Number(digits);
    if (!/^\d+$/.test(digits) || end > buffer.length || buffer[end - 1] !== 0x0a) return null;
    const equals = buffer.indexOf(0x3d, space);
    if (equals === -1 || equals >= end) return null;
    records.push([
      buffer.toString('utf8', space + 1, equals),
      nameText(buffer, equals + 1, end - 1),
    ]);
    at = end;
  }
  return records;
}

/** Ten digits count more than any extended header that we accept. */
const MAX_LENGTH_DIGITS = 10;
