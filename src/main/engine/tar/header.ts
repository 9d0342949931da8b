// Not from 'tar' itself, which would load its readers and writers at every start.
import { Header, type HeaderData } from 'tar/header';
import { Pax } from 'tar/pax';

/** Bytes of a tar header; contents are padded to a multiple (POSIX ustar). */
export const BLOCK = 512;

/** Offset and bytes of the ustar fields used here (POSIX ustar interchange format). */
const SIZE = { at: 124, bytes: 12 } as const;
const SUM = { at: 148, bytes: 8 } as const;
/** A name of this many bytes has no NUL behind it; shorter ones need no care. */
const NAME_BYTES = 100;

/** What eleven octal digits hold: 8 GiB less one. */
const MAX_OCTAL_SIZE = 0o77777777777;

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

/** Makes the headers of an archive's regular files and folders, all of one time, owner and mode. */
export class HeaderEncoder {
  readonly #mtime: Date;
  /** A file's header without name, size and checksum: what differs between most headers. */
  readonly #template: Buffer;

  constructor(mtime: Date) {
    this.#mtime = mtime;
    this.#template = Buffer.alloc(BLOCK);
    new Header(this.#fields('', 0, 'File')).encode(this.#template);
  }

  /** Bytes of a file's header, with what stands before it. */
  fileHeaderBytes(path: string, size: number): number {
    return isPlain(path, size) ? BLOCK : this.#encode(path, size, 'File').length;
  }

  file(path: string, size: number): Buffer {
    if (!isPlain(path, size)) return this.#encode(path, size, 'File');
    const block = Buffer.allocUnsafe(BLOCK);
    this.#template.copy(block);
    block.write(path, 0, 'latin1');
    writeOctal(block, SIZE, size);
    writeOctal(block, SUM, headerSum(block));
    return block;
  }

  folder(path: string): Buffer {
    return this.#encode(path, 0, 'Directory');
  }

  #fields(path: string, size: number, type: 'File' | 'Directory'): HeaderData {
    return {
      path,
      size,
      type,
      mtime: this.#mtime,
      mode: type === 'Directory' ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      uname: '',
      gname: '',
      linkpath: '',
      devmaj: 0,
      devmin: 0,
    };
  }

  #encode(path: string, size: number, type: 'File' | 'Directory'): Buffer {
    const block = Buffer.alloc(BLOCK);
    const needsPax = new Header(this.#fields(path, size, type)).encode(block);
    if (!needsPax) return block;
    // What the old fields cannot hold (long names, sizes from 8 GiB on) stands in a pax header.
    return Buffer.concat([new Pax({ path, size, mtime: this.#mtime }).encode(), block]);
  }
}

/** Whether name and size fit into their fields as they are. */
function isPlain(path: string, size: number): boolean {
  return path.length < NAME_BYTES && size <= MAX_OCTAL_SIZE && /^[ -~]*$/.test(path);
}

/** Digits, a space and a NUL as node-tar and old tars write it; without the space where it is full. */
function writeOctal(block: Buffer, { at, bytes }: { at: number; bytes: number }, value: number) {
  const digits = value.toString(8);
  const text = digits.length < bytes - 1 ? `${digits.padStart(bytes - 2, '0')} ` : digits;
  block.write(`${text}\0`, at, 'latin1');
}
