import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { Ext4Reader, type WalkedNode } from '../../../src/main/engine/ext4/reader/ext4-reader.ts';
import type { RandomReader } from '../../../src/main/engine/content/random-reader.ts';

/** Positioned reads of a file or device, counted; closed by `using`. */
export class FileReader implements RandomReader, Disposable {
  readonly size: number;
  readonly #file: number;
  reads = 0;

  constructor(path: string, size?: number) {
    this.#file = openSync(path, 'r');
    this.size = size ?? fstatSync(this.#file).size;
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    this.reads++;
    if (offset < 0 || length < 0 || offset + length > this.size) {
      return Promise.reject(new RangeError(`read of ${length} at ${offset}`));
    }
    const bytes = Buffer.alloc(length);
    for (let done = 0; done < length;) {
      const step = readSync(this.#file, bytes, done, length - done, offset + done);
      if (step === 0) return Promise.reject(new Error('file ended'));
      done += step;
    }
    return Promise.resolve(bytes);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

export class MemoryReader implements RandomReader {
  readonly #bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  get size(): number {
    return this.#bytes.length;
  }
  read(offset: number, length: number): Promise<Uint8Array> {
    if (offset < 0 || length < 0 || offset + length > this.size) {
      return Promise.reject(new RangeError(`read of ${length} at ${offset}`));
    }
    return Promise.resolve(this.#bytes.slice(offset, offset + length));
  }
}

/** Bytes of one file's content that are looked at; a hostile file may claim 16 TiB of zeros. */
const MAX_CONTENT = 4 * 1024 * 1024;

/** Looks at everything that there is: structure, every name, every file. */
export async function examine(
  source: RandomReader,
  onContent?: (node: WalkedNode, from: number, bytes: Uint8Array) => void,
): Promise<WalkedNode[]> {
  const reader = await Ext4Reader.open(source, 'test.img');
  await reader.checkGroups();
  const nodes: WalkedNode[] = [];
  for await (const node of reader.walk()) nodes.push(node);
  const files = nodes
    .filter(({ kind }) => kind === 'file')
    .sort((a, b) => (a.firstBlock ?? 0) - (b.firstBlock ?? 0));
  for (const node of files) {
    let from = 0;
    for await (const bytes of reader.content(node)) {
      onContent?.(node, from, bytes);
      from += bytes.length;
      if (from >= MAX_CONTENT) break;
    }
  }
  return nodes;
}
