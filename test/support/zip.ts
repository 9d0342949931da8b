import { crc32 } from 'node:zlib';

/** A stored member as a test wants it, lies included. */
export interface ZipPart {
  readonly name: string;
  readonly content: Uint8Array;
  /** Overrides of what the headers tell. */
  readonly local?: Partial<ZipFields>;
  readonly central?: Partial<ZipFields>;
}

export interface ZipFields {
  name: string;
  flags: number;
  method: number;
  crc32: number;
  size: number;
  compressedSize: number;
  headerOffset: number;
  unixMode: number;
}

/** Packs stored members without Zip64; directories are parts whose name ends with a slash. */
export function packZip(parts: readonly ZipPart[], comment = ''): Buffer {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, local, central } of parts) {
    const fields: ZipFields = {
      name,
      flags: 0x0800,
      method: 0,
      crc32: crc32(content),
      size: content.length,
      compressedSize: content.length,
      headerOffset: offset,
      unixMode: name.endsWith('/') ? 0o40755 : 0o100644,
    };
    const header = localHeader({ ...fields, ...local });
    pieces.push(header, Buffer.from(content));
    directory.push(centralHeader({ ...fields, ...central }));
    offset += header.length + content.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  return Buffer.concat([...pieces, ...directory, end, Buffer.from(comment)]);
}

function localHeader(fields: ZipFields): Buffer {
  const name = Buffer.from(fields.name);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(fields.flags, 6);
  header.writeUInt16LE(fields.method, 8);
  header.writeUInt32LE(fields.crc32, 14);
  header.writeUInt32LE(fields.compressedSize, 18);
  header.writeUInt32LE(fields.size, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function centralHeader(fields: ZipFields): Buffer {
  const name = Buffer.from(fields.name);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(0x0314, 4);
  header.writeUInt16LE(20, 6);
  header.writeUInt16LE(fields.flags, 8);
  header.writeUInt16LE(fields.method, 10);
  header.writeUInt32LE(fields.crc32, 16);
  header.writeUInt32LE(fields.compressedSize, 20);
  header.writeUInt32LE(fields.size, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE(fields.unixMode * 0x10000, 38);
  header.writeUInt32LE(fields.headerOffset, 42);
  return Buffer.concat([header, name]);
}
