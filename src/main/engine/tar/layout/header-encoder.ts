// Not from 'tar' itself, which would load its readers and writers at every start.
import { Header, type HeaderData } from 'tar/header';
import { Pax } from 'tar/pax';
import { BLOCK, headerSum, SUM } from '../format/header.ts';

/** Offset and bytes of the size field (POSIX ustar interchange format). */
const SIZE = { at: 124, bytes: 12 } as const;
/** A name of this many bytes has no NUL behind it; shorter ones need no care. */
const NAME_BYTES = 100;

/** What eleven octal digits hold: 8 GiB less one. */
const MAX_OCTAL_SIZE = 0o77777777777;

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

  /** Bytes of a file's header, with a pax header before it where it needs one. */
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
    // What the old fields cannot hold (long names, sizes from 8 GiB on) goes into a pax header.
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
