import type { KeptFiles } from '../layout/layout.ts';
import type { Target } from '../target/target.ts';
import { ChunkWriter } from './chunk-writer.ts';
import type { Output } from './output.ts';

/** Memory to gather what is written: there is little of it. Bytes. */
const MEMORY = 8 * 1024 * 1024;

/**
 * Writes kept files once more, to where they are: files that were read back and are not what their names say. The
 * target is prepared and flushed, and `finish` flushes it again; committing it is another's.
 */
export class RepairOutput implements Output {
  readonly name: string;
  readonly #kept: KeptFiles;
  readonly #wrong: ReadonlySet<number>;
  readonly #target: Target;
  readonly #writer: ChunkWriter;
  /** End of what was written since the last flush. */
  #end = 0;

  constructor(kept: KeptFiles, wrong: ReadonlySet<number>, target: Target) {
    this.name = target.name;
    this.#kept = kept;
    this.#wrong = wrong;
    this.#target = target;
    this.#writer = new ChunkWriter(target, MEMORY);
  }

  get pending(): number {
    return this.#writer.pending + this.#target.pending;
  }

  keeps = (fileIndex: number): boolean => !this.#wrong.has(fileIndex);

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  async accept(fileIndex: number, from: number, bytes: Uint8Array): Promise<void> {
    for (const place of this.#kept.placesOf(fileIndex)) {
      const start = Math.max(from, place.from);
      const end = Math.min(from + bytes.length, place.from + place.length);
      if (start < end)
        await this.#append(
          place.offset + start - place.from,
          bytes.subarray(start - from, end - from),
        );
    }
  }

  async finish(): Promise<void> {
    await this.#writer.finish();
    await this.#target.flush();
    this.#end = 0;
  }

  commit(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#writer.abandon();
    return Promise.resolve();
  }

  /** Files come in the order of the plan and lie in that of an older one, but writes ascend between flushes. */
  async #append(offset: number, bytes: Uint8Array): Promise<void> {
    if (offset < this.#end) await this.finish();
    await this.#writer.append(offset, bytes);
    this.#end = offset + bytes.length;
  }
}
