import { closeSync, openSync, writeSync } from 'node:fs';

/** A tar member as a test wants it, lies included. */
export interface TarPart {
  readonly name: string;
  /** Default: `0`, a regular file; `5` for a name that ends with a slash. */
  readonly type?: string;
  /** A function makes it only when it is written, so that large archives need little memory. */
  readonly content?: Uint8Array | (() => Uint8Array);
  /** Target of a link. */
  readonly link?: string;
  /** What the size field tells instead of the content's length: a number or the field's 12 bytes. */
  readonly size?: number | Uint8Array;
  /** Changes the finished header; the checksum is made after it. */
  readonly edit?: (header: Buffer) => void;
}

const BLOCK = 512;
const RECORD = 20 * BLOCK;

/** An archive in GNU tar's own dialect with its end mark, padded to a record. */
export function packTar(parts: Iterable<TarPart>): Buffer {
  const pieces = Array.from(tarPieces(parts));
  return Buffer.concat(pieces);
}

/** As {@link packTar}, into a new file and in bounded memory. */
export function writeTar(path: string, parts: Iterable<TarPart>): void {
  const fd = openSync(path, 'wx');
  try {
    for (const piece of tarPieces(parts))
      for (let done = 0; done < piece.length;) done += writeSync(fd, piece, done);
  } finally {
    closeSync(fd);
  }
}

/** Header, content and padding of members, without an end mark. */
export function* memberPieces(parts: Iterable<TarPart>): Generator<Buffer> {
  for (const part of parts) {
    if (Buffer.byteLength(part.name) > 100) yield* longName('L', part.name);
    if (Buffer.byteLength(part.link ?? '') > 100) yield* longName('K', part.link ?? '');
    const content = contentOf(part);
    yield header(part, content.length);
    if (content.length === 0) continue;
    yield content;
    yield Buffer.alloc(padding(content.length, BLOCK));
  }
}

function* tarPieces(parts: Iterable<TarPart>): Generator<Buffer> {
  let length = 0;
  for (const piece of memberPieces(parts)) {
    length += piece.length;
    yield piece;
  }
  yield Buffer.alloc(2 * BLOCK + padding(length + 2 * BLOCK, RECORD));
}

function contentOf({ content = new Uint8Array(0) }: TarPart): Buffer {
  const bytes = typeof content === 'function' ? content() : content;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function* longName(type: string, name: string): Generator<Buffer> {
  yield* memberPieces([{ name: '././@LongLink', type, content: Buffer.from(`${name}\0`) }]);
}

function header({ name, type, link = '', size, edit }: TarPart, length: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const isFolder = name.endsWith('/');
  block.write(name, 0, 100);
  block.write(octal(isFolder ? 0o755 : 0o644, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  if (size instanceof Uint8Array) block.set(size, 124);
  else block.write(octal(size ?? length, 11), 124);
  block.write(octal(0, 11), 136);
  block.write(type ?? (isFolder ? '5' : '0'), 156);
  block.write(link, 157, 100);
  block.write('ustar  \0', 257);
  edit?.(block);
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function padding(length: number, unit: number): number {
  return (unit - (length % unit)) % unit;
}

/** A pax extended header (`x`, or `g` for all that follow) with the given records. */
export function paxPart(records: Readonly<Record<string, string>>, type: 'x' | 'g' = 'x'): TarPart {
  const lines = Object.entries(records).map(([key, value]) => paxRecord(key, value));
  return { name: 'pax', type, content: Buffer.concat(lines) };
}

/** `<length> <key>=<value>\n`, the length counting itself. */
export function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length;
  while (length !== rest.length + String(length).length)
    length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
