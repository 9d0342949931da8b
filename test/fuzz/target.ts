import type fc from 'fast-check';

/** Something that reads bytes which it cannot trust. */
export interface FuzzTarget {
  /** Also its folder in corpus/. */
  readonly name: string;
  /** Makes inputs from the seeds. */
  readonly inputs: (corpus: readonly Buffer[]) => fc.Arbitrary<Buffer>;
  /**
   * Errors beside BuilderError by which it may refuse: those that its callers are known to turn into
   * errors of the product.
   */
  readonly faults: readonly (abstract new (...args: never[]) => Error)[];
  /**
   * Reads one input; to be called once at a time. Throws an error of the product where it refuses,
   * any other where a rule is broken that holds for every input.
   * @param folder the only place that it may write to.
   */
  readonly run: (input: Buffer, folder: string) => Promise<void> | void;
}

/** A rule that holds for whatever an input says. */
export function rule(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`broken: ${what}`);
}
