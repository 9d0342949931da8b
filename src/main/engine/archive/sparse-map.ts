import { BLOCK } from '../tar/format/header.ts';
import type { DataRun } from '../content/member-location.ts';

/**
 * Runs of data in all sparse members of an archive. A disk image of 64 GiB that alternates every 64 KiB has
 * half as many; without a bound a small archive would fill the memory.
 */
export const MAX_SPARSE_RUNS = 1_000_000;

/** A map that is damaged, or that two readers would understand differently. */
export class SparseFault extends Error {}

/** More runs than {@link MAX_SPARSE_RUNS}. */
export class SparseLimit extends Error {}

/** Collects where the data of one sparse member belongs; everything between are zeros. */
export class SparseMap {
  readonly #limit: number;
  readonly #runs: { readonly from: number; readonly length: number }[] = [];
  #count = 0;
  #end = 0;

  /** @param limit runs that it may have. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Entries added, empty ones too. */
  get count(): number {
    return this.#count;
  }

  /**
   * @param from offset within the file, bytes; ascending from call to call.
   * @param length bytes; writers end a map with an empty run at the file's end.
   * @throws SparseFault, SparseLimit.
   */
  add(from: number, length: number): void {
    if (++this.#count > this.#limit) throw new SparseLimit();
    if (!isSize(from) || !isSize(length) || !isSize(from + length))
      throw new SparseFault('a run is no range of bytes');
    if (from < this.#end) throw new SparseFault('runs overlap or descend');
    this.#end = from + length;
    if (length > 0) this.#runs.push({ from, length });
  }

  /**
   * The runs with the places where their data is stored, one after another.
   * @param size bytes of the whole file.
   * @param stored bytes of data in the archive.
   * @param offset where they begin there.
   * @throws SparseFault
   */
  place(size: number, stored: number, offset: number): DataRun[] {
    if (this.#end > size) throw new SparseFault('a run ends behind the file');
    let at = 0;
    const placed = this.#runs.map(({ from, length }): DataRun => {
      // GNU tar looks for every run at a block, bsdtar right behind the last one.
      if (at % BLOCK !== 0) throw new SparseFault('a run does not end with a block');
      const run = { from, offset: offset + at, length };
      at += length;
      return run;
    });
    if (at !== stored) throw new SparseFault('its runs are not as long as its data');
    return placed;
  }
}

/**
 * The map that a GNU.sparse 1.0 member has before its data: decimal numbers, a line each; how many runs
 * there are, then offset and length of each, filled up to a block with NUL. (GNU tar manual, "Storing Sparse
 * Files".)
 */
export class SparseMapText {
  readonly #map: SparseMap;
  /** Digits of a number that the last block cut off. */
  #digits = '';
  #count: number | null = null;
  #from: number | null = null;

  constructor(map: SparseMap) {
    this.#map = map;
  }

  /**
   * @param block the next 512 bytes.
   * @returns whether the map ends with it.
   * @throws SparseFault, SparseLimit.
   */
  push(block: Buffer): boolean {
    const lines = (this.#digits + block.toString('latin1')).split('\n');
    this.#digits = lines.pop() ?? '';
    for (const line of lines) {
      if (this.#isWhole) throw new SparseFault('its map is followed by something else');
      this.#number(toNumber(line));
    }
    if (this.#isWhole) return true;
    if (!/^\d{0,20}$/.test(this.#digits)) throw new SparseFault('its map is no list of numbers');
    return false;
  }

  get #isWhole(): boolean {
    return this.#count === this.#map.count && this.#from === null;
  }

  #number(value: number): void {
    if (this.#count === null) this.#count = value;
    else if (this.#from === null) this.#from = value;
    else {
      this.#map.add(this.#from, value);
      this.#from = null;
    }
  }
}

/** Records of a pax header that make its member sparse, in the order in which they stand. */
export class PaxSparse {
  /** Offsets and lengths of versions 0.0 (a record for each) and 0.1 (one list); null: no map. */
  #numbers: number[] | null = null;
  #blocks: number | null = null;
  #major: number | null = null;
  #minor: number | null = null;
  /** Name of the file; the header has that of a file that readers without sparse files shall make. */
  name: string | null = null;
  /** Bytes of the whole file. */
  size: number | null = null;

  /**
   * @param key the part of the name after `GNU.sparse.`.
   * @throws SparseFault
   */
  add(key: string, value: string): void {
    switch (key) {
      case 'name':
        this.name = value;
        break;
      case 'size':
      case 'realsize':
        this.size = toNumber(value);
        break;
      case 'major':
        this.#major = toNumber(value);
        break;
      case 'minor':
        this.#minor = toNumber(value);
        break;
      case 'numblocks':
        this.#blocks = toNumber(value);
        break;
      case 'map':
        this.#numbers = value === '' ? [] : value.split(',').map(toNumber);
        break;
      case 'offset':
      case 'numbytes':
        this.#numbers ??= [];
        if (this.#numbers.length % 2 !== (key === 'offset' ? 0 : 1))
          throw new SparseFault('offsets and lengths do not alternate');
        this.#numbers.push(toNumber(value));
        break;
      default:
        throw new SparseFault('unknown kind of sparse file');
    }
  }

  /**
   * Puts what the header says into a map.
   * @returns whether it says all; otherwise the map comes before the data.
   * @throws SparseFault, SparseLimit.
   */
  fill(map: SparseMap): boolean {
    if (this.#major !== null || this.#minor !== null) {
      if (this.#major !== 1 || this.#minor !== 0)
        throw new SparseFault(`unknown version ${this.#major}.${this.#minor} of sparse files`);
      if (this.#numbers !== null) throw new SparseFault('two maps');
      return false;
    }
    const numbers = this.#numbers ?? [];
    if (numbers.length % 2 !== 0) throw new SparseFault('an offset without a length');
    if (this.#blocks !== null && this.#blocks !== numbers.length / 2)
      throw new SparseFault('its map has another number of runs');
    for (let i = 0; i < numbers.length; i += 2) map.add(numbers[i] ?? 0, numbers[i + 1] ?? 0);
    return true;
  }
}

function toNumber(text: string): number {
  if (!/^\d{1,20}$/.test(text)) throw new SparseFault('its map is no list of numbers');
  return Number(text);
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
