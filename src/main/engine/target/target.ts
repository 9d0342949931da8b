import type { Range, Signature } from '../layout/layout.ts';
import type { CommitBlock } from '../content/commit-block.ts';

/**
 * A place for the bytes of one output: a new file, a device behind the elevated writer, a pipe, memory.
 *
 * Life: `prepare` → `write`* → `flush` → `commit` → `close`. `close` without a completed
 * `commit` aborts: a new file is removed, a device stays unrecognisable, what went into a pipe has no end.
 * Calls do not overlap, except writes where {@link WriteTarget.randomWrites} allows it, and that `close` may
 * come at any time.
 * Errors are BuilderErrors that name what failed; after an error of the medium only `close` is allowed.
 *
 * @example
 * await target.prepare(layout.wipe, layout.signature);
 * for (const { offset, bytes } of writes) await target.write(offset, bytes);
 * await target.flush();
 * await target.commit(layout.commit);
 * await target.close(); // in a `finally`: without a commit, it leaves nothing that looks complete
 */
export interface WriteTarget {
  /** What a person calls it: a path, or model and serial of a drive. */
  readonly name: string;
  /** Bytes that it holds; writes beyond are refused. */
  readonly size: number;
  /** Offsets and lengths of writes are multiples of this (the tail of `size` excepted). Bytes. */
  readonly blockSize: number;
  /**
   * Bytes of a write that it is at full speed with, a multiple of 64 KiB and of `blockSize`. What comes in small
   * pieces is gathered to this size before it is written; smaller and larger writes are taken, too.
   */
  readonly writeBytes: number;
  /** Bytes of settled writes that it still holds in memory of its own. */
  readonly pending: number;
  /** Whether what is never written reads as zeros. */
  readonly startsZeroed: boolean;
  /** Whether writes may come in any order and overlap in time (never in place); else offsets ascend. */
  readonly randomWrites: boolean;
  /**
   * Makes it ready and clears `wipe`, so that nothing recognisable is left. Where a system's own tools
   * will look for `signature`, as on a device, `commit` fails unless they find it and nothing else.
   */
  prepare(wipe: readonly Range[], signature?: Signature | null): Promise<void>;
  /**
   * Writes all of `bytes`. Between two flushes offsets ascend strictly from call to call, unless
   * {@link randomWrites}. The
   * memory may be reused when the promise settles. Does not say that the bytes are durable.
   */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** Resolves when everything written is on the medium. Any write error not yet reported surfaces here. */
  flush(): Promise<void>;
  /** Writes the held-back piece (if any), makes it durable and the output recognisable. */
  commit(piece: CommitBlock | null): Promise<void>;
  /** Releases everything; idempotent. */
  close(): Promise<void>;
}

/**
 * One that can be read back, any number of times between `flush` and `close`, also at once, and before
 * `prepare` where {@link Target.hasContent}.
 * Every implementation runs the conformance suite in test/support/target-suite.ts.
 */
export interface Target extends WriteTarget {
  /** Whether it holds something from before, which `read` gives also before `prepare`. */
  readonly hasContent: boolean;
  /** Reads exactly `length` bytes from the medium (past caches where the system allows it). */
  read(offset: number, length: number): Promise<Uint8Array>;
}
