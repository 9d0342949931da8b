import type { RandomReader } from '../../content/random-reader.ts';

/** Metadata is read in aligned pages of this many bytes: tables and directories lie in rows. */
const PAGE_BYTES = 256 * 1024;
/** 32 MiB in all: the inode tables of 100,000 files. */
const MAX_PAGES = 128;

/** A small cache of aligned pages, the least recently used one going first. */
export class PageCache {
  readonly #reader: RandomReader;
  readonly #pages = new Map<number, Uint8Array>();

  constructor(reader: RandomReader) {
    this.#reader = reader;
  }

  /** `length` bytes that lie within one page: a power of two, aligned to itself, ≤ 64 KiB. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const number = Math.floor(offset / PAGE_BYTES);
    let page = this.#pages.get(number);
    if (page === undefined) {
      const start = number * PAGE_BYTES;
      page = await this.#reader.read(start, Math.min(PAGE_BYTES, this.#reader.size - start));
      if (this.#pages.size >= MAX_PAGES) {
        const [oldest] = this.#pages.keys();
        if (oldest !== undefined) this.#pages.delete(oldest);
      }
    } else {
      this.#pages.delete(number);
    }
    this.#pages.set(number, page);
    const from = offset - number * PAGE_BYTES;
    return page.subarray(from, from + length);
  }
}

/** Bytes that are read at once where small reads follow each other. */
const WINDOW_BYTES = 4 * 1024 * 1024;

/**
 * Turns small reads that ascend, as of many small files in the order of their places, into large
 * ones. A read somewhere else is passed on as it is.
 */
export class ReadAhead {
  readonly #reader: RandomReader;
  #window: Uint8Array = new Uint8Array();
  #start = 0;
  #last = 0;

  constructor(reader: RandomReader) {
    this.#reader = reader;
  }

  /** Exactly `length` bytes, which stay valid. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const from = offset - this.#start;
    if (from >= 0 && from + length <= this.#window.length) {
      this.#last = offset + length;
      return this.#window.subarray(from, from + length);
    }
    const ascending = offset >= this.#last && offset - this.#last < WINDOW_BYTES;
    this.#last = offset + length;
    if (!ascending || length >= WINDOW_BYTES) return this.#reader.read(offset, length);
    const available = Math.min(WINDOW_BYTES, this.#reader.size - offset);
    this.#window = await this.#reader.read(offset, Math.max(length, available));
    this.#start = offset;
    return this.#window.subarray(0, length);
  }
}
