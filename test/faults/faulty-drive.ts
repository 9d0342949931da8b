import type { DriveTarget } from '../../src/main/engine/target/drive-target.ts';
import { MemoryTarget } from '../support/memory-target.ts';
import type { Range } from '../../src/main/engine/layout/layout.ts';
import { BuilderError, type ErrorData } from '../../src/shared/errors.ts';
import type { CommitBlock } from '../../src/main/engine/content/commit-block.ts';

export type DriveCall = 'open' | 'prepare' | 'write' | 'flush' | 'read' | 'commit' | 'eject';

/** What a drive does wrong. */
export type DriveFault =
  | {
      readonly call: DriveCall;
      readonly error: ErrorData;
      readonly after?: number;
      readonly once?: true;
    }
  /** Something else happens while it commits. */
  | { readonly meanwhile: () => void }
  /** It says that it has written, and has something else. */
  | { readonly lies: 'flip' | 'forget' }
  /** It stays switched on. */
  | { readonly ejects: false };

/** Behind the structures of a small filesystem, in the contents of its files. Bytes. */
const FLIPPED = 5 * 1024 * 1024;

/** A stick in memory, with one fault. What it holds is looked at from outside. */
export class FaultyDrive implements DriveTarget {
  readonly name = 'Stick';
  readonly size: number;
  readonly blockSize = 512;
  readonly writeBytes = 4 * 1024 * 1024;
  readonly pending = 0;
  readonly startsZeroed = false;
  readonly randomWrites = false;
  readonly hasContent = true;
  readonly #memory: Uint8Array;
  readonly #target: MemoryTarget;
  #left: number;
  fault: DriveFault | null;
  closed = 0;

  constructor(memory: Uint8Array, fault: DriveFault | null) {
    this.size = memory.length;
    this.#memory = memory;
    this.#target = new MemoryTarget(memory, { name: this.name, blockSize: this.blockSize });
    this.fault = fault;
    this.#left = fault !== null && 'call' in fault ? (fault.after ?? 0) : 0;
    this.#strike('open');
  }

  async prepare(wipe: readonly Range[]): Promise<void> {
    await this.#target.prepare(wipe);
    this.#strike('prepare');
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    this.#strike('write');
    const before = this.#memory.slice(offset, offset + bytes.length);
    await this.#target.write(offset, bytes);
    if (this.fault === null || !('lies' in this.fault)) return;
    if (this.fault.lies === 'forget') this.#memory.set(before, offset);
    else if (offset <= FLIPPED && FLIPPED < offset + bytes.length)
      this.#memory[FLIPPED] = (this.#memory[FLIPPED] ?? 0) ^ 1;
  }

  async flush(): Promise<void> {
    await this.#target.flush();
    this.#strike('flush');
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    this.#strike('read');
    return this.#target.read(offset, length);
  }

  async commit(piece: CommitBlock | null): Promise<void> {
    this.#strike('commit');
    const committed = this.#target.commit(piece);
    if (this.fault !== null && 'meanwhile' in this.fault) this.fault.meanwhile();
    await committed;
  }

  eject(): Promise<boolean> {
    this.#strike('eject');
    return Promise.resolve(!(this.fault !== null && 'ejects' in this.fault));
  }

  async close(): Promise<void> {
    this.closed++;
    await this.#target.close();
  }

  #strike(call: DriveCall): void {
    if (this.fault === null || !('call' in this.fault) || this.fault.call !== call) return;
    if (this.#left-- > 0) return;
    const { error, once } = this.fault;
    if (once === true) this.fault = null;
    throw new BuilderError(error);
  }
}
