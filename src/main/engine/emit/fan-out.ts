import type { WindowConsumer } from '../stream/stream-contents.ts';
import type { FilledWindow, Segment } from '../content/segments.ts';
import type { Output } from './output.ts';

/**
 * Hands windows to several outputs, each at its own pace. Two things bound what an output may be behind: its
 * own memory, into which it copies (QUEUE_BYTES of a layout), and the windows that are not yet given back,
 * of which their source has only so many. So the slowest output sets the pace, and only of those that live:
 * an output that fails is left out, with its error, and holds no window any more.
 *
 * @example
 *   const fanOut = new FanOut(outputs, null, (output, error) => report(output.name, error));
 *   for await (const window of source)
 *     void fanOut.give(window, Promise.resolve()).then(() => window.release());
 */
export class FanOut implements WindowConsumer {
  /** The error of each output that has failed. */
  readonly failures = new Map<Output, unknown>();
  readonly #lanes: readonly Lane[];
  readonly #lender: Output | null;
  readonly #onFailure: (output: Output, error: unknown) => void;
  #ending: { readonly error: unknown } | null = null;

  /**
   * @param lender the output that the windows belong to; it has what is in them.
   * @param onFailure called when an output fails. May throw to end all of it.
   */
  constructor(
    outputs: readonly Output[],
    lender: Output | null,
    onFailure: (output: Output, error: unknown) => void,
  ) {
    this.#lender = lender;
    this.#lanes = outputs
      .filter((output) => output !== lender)
      .map((output) => new Lane(output, (error) => this.fail(output, error)));
    this.#onFailure = onFailure;
  }

  /** Bytes by which the slowest living output is behind the windows that were given. */
  get pending(): number {
    const lent = this.#lender === null ? 0 : this.pendingOf(this.#lender);
    return this.#lanes.reduce((most, { pending }) => Math.max(most, pending), lent);
  }

  /** Bytes by which one output is behind; 0 of one that has failed. */
  pendingOf(output: Output): number {
    if (this.failures.has(output)) return 0;
    if (output === this.#lender) return output.pending;
    return this.#lanes.find((lane) => lane.output === output)?.pending ?? 0;
  }

  /** Of the windows that were given, bytes and files that an output keeps from before. */
  skippedOf(output: Output): { readonly bytes: number; readonly files: number } {
    return this.#lanes.find((lane) => lane.output === output)?.skipped ?? NOTHING;
  }

  /**
   * Resolves when no output needs the window any more. Windows come in the order of the plan; the next may
   * be given at once. Rejects when all is to end: `onFailure` threw, or no output is left.
   * @param filled when all bytes are in the window.
   */
  async give(window: FilledWindow, filled: Promise<void>): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.take(window, filled)));
    this.throwIfEnded();
  }

  /** Leaves an output out, from the next byte on. */
  fail(output: Output, error: unknown): void {
    if (this.failures.has(output)) return;
    this.failures.set(output, error);
    try {
      this.#onFailure(output, error);
      const count = this.#lanes.length + (this.#lender === null ? 0 : 1);
      if (this.failures.size === count) this.#ending ??= { error };
    } catch (reason) {
      this.#ending ??= { error: reason };
    }
  }

  throwIfEnded(): void {
    if (this.#ending !== null) throw this.#ending.error;
  }

  /** Resolves when no output is accepting any more; what was not yet accepted is left out. */
  async stop(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
  }
}

const NOTHING = { bytes: 0, files: 0 };

/** The way to one output: the windows that it has still to take, one after another. */
class Lane {
  readonly output: Output;
  /** What of the windows was not for this output. */
  readonly skipped = { bytes: 0, files: 0 };
  readonly #onFailure: (error: unknown) => void;
  #last: Promise<void> = Promise.resolve();
  /** Settles when the output has accepted or refused what it was given last. */
  #accepting: Promise<void> = Promise.resolve();
  /** Bytes of windows that were given and are not accepted. */
  #queued = 0;
  #hasEnded = false;

  constructor(output: Output, onFailure: (error: unknown) => void) {
    this.output = output;
    this.#onFailure = onFailure;
  }

  /** Nothing waits for an output that has ended. */
  get pending(): number {
    return this.#hasEnded ? 0 : this.#queued + this.output.pending;
  }

  /** Resolves, in the order of the calls, when the window is accepted or not wanted any more. */
  take(window: FilledWindow, filled: Promise<void>): Promise<void> {
    const segments = this.#wanted(window.segments);
    const bytes = segments.reduce((sum, { length }) => sum + length, 0);
    this.#queued += bytes;
    this.#last = this.#last.then(async () => {
      await this.#accept({ ...window, segments }, filled);
      this.#queued -= bytes;
    });
    return this.#last;
  }

  async stop(): Promise<void> {
    this.#hasEnded = true;
    await this.#accepting.catch(() => undefined);
  }

  #wanted(segments: readonly Segment[]): readonly Segment[] {
    const { keeps } = this.output;
    if (keeps === undefined) return segments;
    return segments.filter(({ fileIndex, from, length }) => {
      if (!keeps(fileIndex)) return true;
      this.skipped.bytes += length;
      if (from === 0) this.skipped.files++;
      return false;
    });
  }

  async #accept(window: FilledWindow, filled: Promise<void>): Promise<void> {
    try {
      if (!this.#hasEnded) await filled;
      for (const { fileIndex, from, start, length } of window.segments) {
        if (this.#hasEnded) return;
        const bytes = new Uint8Array(window.memory, start, length);
        this.#accepting = this.output.accept(fileIndex, from, bytes);
        await this.#accepting;
      }
    } catch (error) {
      if (this.#hasEnded) return;
      this.#hasEnded = true;
      this.#onFailure(error);
    }
  }
}
