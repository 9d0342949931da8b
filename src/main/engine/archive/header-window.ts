import { closeSync, fstatSync, openSync, readSync } from '../../files/files.ts';
import { builderError } from '../../../shared/errors.ts';
import { toInputError } from '../fs-error.ts';

/** Headers of small files stand close together: then one read brings several. */
const MAX_READ_BYTES = 64 * 1024;

/** Between large files only the header itself is of use; one page holds it and a pax header. */
const READ_BYTES_MIN = 4096;

/** Steps up to this size are taken within one read. */
const NEAR_STEP_BYTES = 8 * 1024;

/**
 * Positioned reads of an archive's headers, stepping over the bodies. Synchronous: a promise for each
 * of 100,000 small reads costs ten times the read itself. A caller that loops over it yields the thread
 * back now and then.
 */
export class HeaderWindow {
  readonly size: number;
  readonly #path: string;
  readonly #fd: number;
  #offset = 0;
  /** Reused by every read that fits. */
  readonly #buffer = Buffer.allocUnsafeSlow(MAX_READ_BYTES);
  #bytes = Buffer.alloc(0);
  /** Grows while steps are short, as the kernel's read-ahead does. */
  #ahead = READ_BYTES_MIN;

  /** @throws `input-not-found`, `input-unreadable`. */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#fd = openSync(path, 'r');
      this.size = fstatSync(this.#fd).size;
    } catch (error) {
      throw toInputError(path, error);
    }
  }

  /**
   * Valid until the next call.
   * @throws `archive-truncated` beyond the end of the file.
   */
  at(offset: number, length: number): Buffer {
    const start = offset - this.#offset;
    if (start < 0 || start + length > this.#bytes.length) {
      this.#read(offset, length);
      return this.#bytes.subarray(0, length);
    }
    return this.#bytes.subarray(start, start + length);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #read(offset: number, length: number): void {
    if (offset + length > this.size) throw builderError('archive-truncated', { file: this.#path });
    const isNear = offset - this.#offset - this.#bytes.length <= NEAR_STEP_BYTES;
    this.#ahead = isNear ? Math.min(2 * this.#ahead, MAX_READ_BYTES) : READ_BYTES_MIN;
    const wanted = Math.min(Math.max(length, this.#ahead), this.size - offset);
    const bytes =
      wanted <= MAX_READ_BYTES ? this.#buffer.subarray(0, wanted) : Buffer.allocUnsafe(wanted);
    try {
      for (let done = 0; done < wanted;) {
        const read = readSync(this.#fd, bytes, done, wanted - done, offset + done);
        if (read === 0) throw builderError('input-changed', { file: this.#path });
        done += read;
      }
    } catch (error) {
      throw toInputError(this.#path, error);
    }
    this.#offset = offset;
    this.#bytes = bytes;
  }
}
