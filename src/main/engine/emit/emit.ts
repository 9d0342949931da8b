import { builderError } from '../../../shared/errors.ts';
import type { BuildPlan, PlannedFile } from '../plan/build-plan.ts';
import type { ProvenContents } from '../plan/proven-contents.ts';
import type { HashPool } from '../pool/hash-pool.ts';
import { runYielding } from '../event-loop.ts';
import { streamContents, type StreamHooks } from '../stream/stream-contents.ts';
import type { FilledWindow } from '../content/segments.ts';
import { FanOut } from './fan-out.ts';
import type { Output } from './output.ts';
import { assertAllUnchanged, isPlain, readPlan, readPlanInto } from './read-plan.ts';

export interface EmitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes and files of the plan that are hashed and handed to every living output's device or file. */
  readonly onProgress?: (bytes: number, files: number) => void;
  /** The same of one living output: its own device or file. */
  readonly onOutputProgress?: (output: Output, bytes: number, files: number) => void;
  /**
   * An output has failed and gets nothing more; the others go on. May throw to end all of it, which is what
   * happens by default.
   */
  readonly onOutputFailure?: (output: Output, error: unknown) => void;
  /**
   * false: the contents were proved just before and will be read back from the output, so that they are
   * copied without another look. Default: true.
   */
  readonly hash?: boolean | undefined;
  /** What was proved before: of that the stored bytes are compared, and nothing is unpacked. */
  readonly proven?: ProvenContents | undefined;
  /** As in {@link streamContents}. */
  readonly onDigest?: StreamHooks['onDigest'];
  /** As in {@link streamContents}. */
  readonly pool?: HashPool | undefined;
}

/**
 * Reads every input once, in order, checks every blob (unless asked not to) and gives it to all outputs
 * at the same time. The slowest of them sets the pace. Files that every output keeps are not read.
 * With no outputs it only checks the contents. The outputs must be prepared; finishing is the caller's.
 *
 * Resolves with the errors of outputs that have failed while others went on. Rejects with `blob-corrupt`,
 * `input-changed`, a source's error, what `onOutputFailure` throws, or an output's error when none is left.
 */
export async function emit(
  plan: BuildPlan,
  outputs: readonly Output[],
  options: EmitOptions = {},
): Promise<ReadonlyMap<Output, unknown>> {
  const { signal, onProgress, onOutputProgress, onOutputFailure = endAll, pool } = options;
  const { hash, proven, onDigest } = options;
  const lender = (await runYielding(isPlain(plan), signal))
    ? (outputs.filter(canLend).find((output) => lacksAll(output, outputs)) ?? null)
    : null;
  const isWanted = wantedBy(outputs);
  const fanOut = new FanOut(outputs, lender, onOutputFailure);
  let bytes = 0;
  let files = 0;
  const tell = (): void => {
    onProgress?.(Math.max(0, bytes - fanOut.pending), files);
    if (onOutputProgress === undefined) return;
    for (const output of outputs) {
      if (fanOut.failures.has(output)) continue;
      const skipped = fanOut.skippedOf(output);
      const taken = bytes - skipped.bytes - fanOut.pendingOf(output);
      onOutputProgress(output, Math.max(0, taken), Math.max(0, files - skipped.files));
    }
  };
  await streamContents(plan.files, windowsOf(plan, { lender, fanOut, isWanted, signal }), {
    signal,
    hash,
    pool,
    onDigest,
    isExpected: isWanted,
    digestOf:
      proven === undefined
        ? undefined
        : (fileIndex) => {
            const { path, contentDigest } = plannedFile(plan, fileIndex);
            return proven.digestOf(path, contentDigest);
          },
    consumer: fanOut,
    onWrong({ fileIndex }) {
      throw builderError('blob-corrupt', describe(plan, fileIndex));
    },
    onProgress(moreBytes, moreFiles) {
      bytes += moreBytes;
      files += moreFiles;
      tell();
    },
  });
  fanOut.throwIfEnded();
  // The threads have read it only now; as at the end of `fromInput`.
  if (lender !== null) await assertAllUnchanged(plan);
  onProgress?.(bytes, plan.files.length);
  return fanOut.failures;
}

type Lender = Output & Required<Pick<Output, 'lend'>>;

function canLend(output: Output): output is Lender {
  return output.lend !== undefined;
}

/** Whether the windows of an output have all that the others lack, too. */
function lacksAll(output: Output, outputs: readonly Output[]): boolean {
  return output.keeps === undefined || outputs.length === 1;
}

/** Whether one of the outputs lacks a file. Without outputs all files are read, and for those that keep none. */
function wantedBy(outputs: readonly Output[]): ((fileIndex: number) => boolean) | undefined {
  if (outputs.length === 0 || outputs.some(({ keeps }) => keeps === undefined)) return undefined;
  return (fileIndex) => outputs.some(({ keeps }) => keeps?.(fileIndex) !== true);
}

interface Reading {
  readonly lender: Lender | null;
  readonly fanOut: FanOut;
  readonly isWanted: ((fileIndex: number) => boolean) | undefined;
  readonly signal: AbortSignal | undefined;
}

function windowsOf(
  plan: BuildPlan,
  { lender, fanOut, isWanted, signal }: Reading,
): Iterable<AsyncIterable<FilledWindow>> {
  if (lender === null) return [readPlan(plan, signal, isWanted)];
  const onFailure = (error: unknown): void => fanOut.fail(lender, error);
  return [readPlanInto(plan, (contents) => lender.lend(contents, onFailure))];
}

function endAll(_output: Output, error: unknown): never {
  throw error;
}

function describe(plan: BuildPlan, index: number): { file: string; name: string } {
  const { source, path } = plannedFile(plan, index);
  const input = source.kind === 'member' ? plan.inputs[source.input] : undefined;
  return { file: input?.path ?? '', name: path };
}

function plannedFile({ files }: BuildPlan, index: number): PlannedFile {
  const file = files[index];
  if (file === undefined) throw new RangeError(`no file ${index}`);
  return file;
}
