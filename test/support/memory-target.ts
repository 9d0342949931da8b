import type { Range } from '../../src/main/engine/layout/layout.ts';
import { TargetLife } from '../../src/main/engine/target/target-life.ts';
import type { Target } from '../../src/main/engine/target/target.ts';

/** A target for tests: holds everything in one buffer. */
export class MemoryTarget implements Target {
  readonly name: string;
  readonly size: number;
  readonly blockSize: number;
  readonly pending: number = 0;
  readonly startsZeroed: boolean;
  readonly anyOrder: boolean;
  readonly #life: TargetLife;
  readonly #memory: Uint8Array;

  /** `memory` is what stood there before; it is changed in place. */
  constructor(
    memory: Uint8Array,
    { name = 'memory', blockSize = 1, startsZeroed = false, anyOrder = false } = {},
  ) {
    this.name = name;
    this.size = memory.length;
    this.blockSize = blockSize;
    this.startsZeroed = startsZeroed;
    this.anyOrder = anyOrder;
    this.#memory = memory;
    this.#life = new TargetLife(memory.length, blockSize, anyOrder);
  }

  async prepare(wipe: readonly Range[]): Promise<void> {
    await Promise.resolve();
    this.#life.prepare(wipe);
    for (const { offset, length } of wipe) this.#memory.fill(0, offset, offset + length);
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    await Promise.resolve();
    this.#life.write(offset, bytes.length);
    this.#memory.set(bytes, offset);
  }

  async flush(): Promise<void> {
    await Promise.resolve();
    this.#life.flush();
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    await Promise.resolve();
    this.#life.read(offset, length);
    return this.#memory.slice(offset, offset + length);
  }

  async commit(
    piece: { readonly offset: number; readonly bytes: Uint8Array } | null,
  ): Promise<void> {
    await Promise.resolve();
    this.#life.startCommit(piece);
    if (piece !== null) this.#memory.set(piece.bytes, piece.offset);
    this.#life.completeCommit();
  }

  async close(): Promise<void> {
    await Promise.resolve();
    this.#life.close();
  }
}
