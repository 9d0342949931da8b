/**
 * The central directory of a ZIP file, after PKWARE's APPNOTE 6.3 (sections 4.3 and 4.5.3). Only what
 * an OTA image uses is understood; everything else is refused, since two readers that see different
 * things in one file are how a checked archive smuggles in unchecked bytes.
 */

/** One entry as the central directory tells it. */
export interface ZipEntry {
  readonly nameBytes: Uint8Array;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Of the local header, from the start of the file. */
  readonly headerOffset: number;
  /** Unix file mode, 0 where the archive was made on a system without. */
  readonly unixMode: number;
}

/** Where the central directory is. */
export interface DirectoryPlace {
  readonly offset: number;
  readonly size: number;
  readonly entries: number;
}

/** Bytes at a position of the file; shorter at its end. */
export type ReadAt = (offset: number, length: number) => Buffer;

/** What is wrong with the file; the caller knows its name. */
export class ZipFault extends Error {
  readonly kind: 'truncated' | 'corrupt';

  constructor(kind: ZipFault['kind'], reason: string) {
    super(reason);
    this.kind = kind;
  }
}

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const LOCATOR_SIGNATURE = 0x07064b50;
const LOCATOR_BYTES = 20;
const END64_SIGNATURE = 0x06064b50;
const END64_BYTES = 56;
const CENTRAL_SIGNATURE = 0x02014b50;
const CENTRAL_BYTES = 46;
/** Extra field with the 64-bit values of fields that are saturated. */
const ZIP64_EXTRA = 0x0001;
const MADE_ON_UNIX = 3;

/**
 * Finds the central directory and checks that it ends exactly where its end record begins, so that
 * nothing lies between them and no bytes were put before the archive.
 * @throws ZipFault
 */
export function findDirectory(readAt: ReadAt, fileSize: number): DirectoryPlace {
  const end = findEndRecord(readAt, fileSize);
  const place = end.offset >= LOCATOR_BYTES ? widen(readAt, end) : end;
  if (place.disks !== 0) throw new ZipFault('corrupt', 'part of an archive in several volumes');
  if (place.directory.offset + place.directory.size !== place.offset)
    throw new ZipFault('corrupt', 'central directory is not where the end record says');
  return place.directory;
}

interface EndRecord {
  readonly offset: number;
  /** Not 0 for an archive in several volumes. */
  readonly disks: number;
  readonly directory: DirectoryPlace;
}

function findEndRecord(readAt: ReadAt, fileSize: number): EndRecord {
  const length = Math.min(fileSize, END_BYTES + MAX_COMMENT_BYTES);
  const tail = readAt(fileSize - length, length);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE) continue;
    if (at + END_BYTES + tail.readUInt16LE(at + 20) !== tail.length) continue;
    return {
      offset: fileSize - length + at,
      disks:
        tail.readUInt16LE(at + 4) |
        tail.readUInt16LE(at + 6) |
        (tail.readUInt16LE(at + 8) ^ tail.readUInt16LE(at + 10)),
      directory: {
        entries: tail.readUInt16LE(at + 10),
        size: tail.readUInt32LE(at + 12),
        offset: tail.readUInt32LE(at + 16),
      },
    };
  }
  throw new ZipFault('truncated', 'no end of central directory');
}

/** Takes the Zip64 record where there is one; what the short record says must not contradict it. */
function widen(readAt: ReadAt, end: EndRecord): EndRecord {
  const locatorOffset = end.offset - LOCATOR_BYTES;
  const locator = readAt(locatorOffset, LOCATOR_BYTES);
  if (locator.readUInt32LE(0) !== LOCATOR_SIGNATURE) return end;
  const offset = toSafe(locator.readBigUInt64LE(8));
  if (locator.readUInt32LE(4) !== 0 || locator.readUInt32LE(16) > 1)
    throw new ZipFault('corrupt', 'part of an archive in several volumes');
  if (offset + END64_BYTES > locatorOffset)
    throw new ZipFault('corrupt', 'Zip64 end record out of place');
  const record = readAt(offset, END64_BYTES);
  if (
    record.readUInt32LE(0) !== END64_SIGNATURE ||
    offset + 12 + toSafe(record.readBigUInt64LE(4)) !== locatorOffset
  )
    throw new ZipFault('corrupt', 'Zip64 end record out of place');
  const wide: EndRecord = {
    offset,
    disks:
      record.readUInt32LE(16) |
      record.readUInt32LE(20) |
      (record.readBigUInt64LE(24) === record.readBigUInt64LE(32) ? 0 : 1),
    directory: {
      entries: toSafe(record.readBigUInt64LE(32)),
      size: toSafe(record.readBigUInt64LE(40)),
      offset: toSafe(record.readBigUInt64LE(48)),
    },
  };
  const agree = (narrow: number, value: number, saturated: number) =>
    narrow === value || narrow === saturated;
  if (
    !agree(end.directory.entries, wide.directory.entries, 0xffff) ||
    !agree(end.directory.size, wide.directory.size, 0xffffffff) ||
    !agree(end.directory.offset, wide.directory.offset, 0xffffffff)
  )
    throw new ZipFault('corrupt', 'the two end records contradict each other');
  return wide;
}

/**
 * Every entry of the central directory, in its order.
 * @param bytes the whole directory.
 * @throws ZipFault where it does not hold exactly `count` entries.
 */
export function* parseDirectory(bytes: Buffer, count: number): Generator<ZipEntry> {
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > bytes.length || bytes.readUInt32LE(at) !== CENTRAL_SIGNATURE)
      throw new ZipFault('corrupt', 'central directory has fewer entries than it says');
    const nameStart = at + CENTRAL_BYTES;
    const extraStart = nameStart + bytes.readUInt16LE(at + 28);
    const commentStart = extraStart + bytes.readUInt16LE(at + 30);
    const end = commentStart + bytes.readUInt16LE(at + 32);
    if (end > bytes.length) throw new ZipFault('corrupt', 'central directory entry is cut off');
    const [size = 0, compressedSize = 0, headerOffset = 0, disk = 0] = widenFields(
      [
        [bytes.readUInt32LE(at + 24), 8],
        [bytes.readUInt32LE(at + 20), 8],
        [bytes.readUInt32LE(at + 42), 8],
        [bytes.readUInt16LE(at + 34), 4],
      ],
      bytes.subarray(extraStart, commentStart),
    );
    if (disk !== 0) throw new ZipFault('corrupt', 'part of an archive in several volumes');
    yield {
      nameBytes: bytes.subarray(nameStart, extraStart),
      flags: bytes.readUInt16LE(at + 8),
      method: bytes.readUInt16LE(at + 10),
      crc32: bytes.readUInt32LE(at + 16),
      compressedSize,
      size,
      headerOffset,
      unixMode: bytes[at + 5] === MADE_ON_UNIX ? bytes.readUInt16LE(at + 40) : 0,
    };
    at = end;
  }
  if (at !== bytes.length)
    throw new ZipFault('corrupt', 'central directory has more entries than it says');
}

/**
 * Replaces saturated fields by the values of the Zip64 extra field, which holds only those, in order.
 * @param fields 32-bit (16-bit for the 4-byte one) value and its width in the extra field.
 */
export function widenFields(
  fields: readonly (readonly [value: number, width: 4 | 8])[],
  extra: Buffer,
): number[] {
  const wide = findExtra(extra, ZIP64_EXTRA);
  let at = 0;
  return fields.map(([value, width]) => {
    if (wide === null || value !== (width === 8 ? 0xffffffff : 0xffff)) return value;
    if (at + width > wide.length) throw new ZipFault('corrupt', 'Zip64 field is too short');
    const widened = width === 8 ? toSafe(wide.readBigUInt64LE(at)) : wide.readUInt32LE(at);
    at += width;
    return widened;
  });
}

function findExtra(extra: Buffer, id: number): Buffer | null {
  for (let at = 0; at + 4 <= extra.length;) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (end > extra.length) throw new ZipFault('corrupt', 'extra field is cut off');
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, end);
    at = end;
  }
  return null;
}

function toSafe(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new ZipFault('corrupt', 'absurd size');
  return Number(value);
}
