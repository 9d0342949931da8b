import { ShardedMap } from '../sharded.ts';
import type { BlockRange } from './block-range.ts';

/**
 * Which files of a plan a device holds already, and in which blocks. Some tens of bytes a file: most lie in one
 * run, of which the first block says everything.
 */
export class BlobPlaces {
  readonly #places = new ShardedMap<number, number | readonly BlockRange[]>();

  get count(): number {
    return this.#places.size;
  }

  /** @param runs all of its blocks, in the order of its bytes; not empty. */
  set(fileIndex: number, runs: readonly BlockRange[]): void {
    const [first] = runs;
    this.#places.set(fileIndex, runs.length === 1 && first !== undefined ? first.first : runs);
  }

  delete(fileIndex: number): void {
    this.#places.delete(fileIndex);
  }

  has(fileIndex: number): boolean {
    return this.#places.has(fileIndex);
  }

  /** @param blocks that the file has. @returns null for a file that is not there. */
  runsOf(fileIndex: number, blocks: number): readonly BlockRange[] | null {
    const place = this.#places.get(fileIndex);
    if (place === undefined) return null;
    return typeof place === 'number' ? [{ first: place, end: place + blocks }] : place;
  }

  fileIndexes(): MapIterator<number> {
    return this.#places.keys();
  }
}
