import type { Range } from '../../src/main/engine/layout/layout.ts';
import { TargetState } from '../../src/main/engine/target/target-state.ts';
import type { Target } from '../../src/main/engine/target/target.ts';
import type { CommitBlock } from '../../src/main/engine/content/commit-block.ts';

/** A target for tests: holds everything in one buffer. */
export class MemoryTarget implements Target {
  readonly name: string;
  readonly size: number;
  readonly blockSize: number;
  readonly writeBytes: number;
  readonly pending: number = 0;
  readonly startsZeroed: boolean;
  readonly randomWrites: boolean;
  readonly hasContent: boolean;
  readonly #state = new TargetState(this);
  readonly #memory: Uint8Array;

  /** `memory` is what stood there before; it is changed in place. */
  constructor(
    memory: Uint8Array,
    {
      name = 'memory',
      blockSize = 1,
      writeBytes = 2 * 1024 * 1024,
      startsZeroed = false,
      randomWrites = false,
      hasContent = true,
    } = {},
  ) {
    this.name = name;
    this.size = memory.length;
    this.blockSize = blockSize;
    this.writeBytes = writeBytes;
    this.startsZeroed = startsZeroed;
    this.randomWrites = randomWrites;
    this.hasContent = hasContent;
    this.#memory = memory;
  }

  async prepare(wipe: readonly Range[]): Promise<void> {
    await Promise.resolve();
    this.#state.prepare(wipe);
    for (const { offset, length } of wipe) this.#memory.fill(0, offset, offset + length);
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    await Promise.resolve();
    this.#state.write(offset, bytes.length);
    this.#memory.set(bytes, offset);
  }

  async flush(): Promise<void> {
    await Promise.resolve();
    this.#state.flush();
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    await Promise.resolve();
    this.#state.read(offset, length);
    return this.#memory.slice(offset, offset + length);
  }

  async commit(piece: CommitBlock | null): Promise<void> {
    await Promise.resolve();
    this.#state.startCommit(piece);
    if (piece !== null) this.#memory.set(piece.bytes, piece.offset);
    this.#state.completeCommit();
  }

  async close(): Promise<void> {
    await Promise.resolve();
    this.#state.close();
  }
}
