import { builderError } from '../../../shared/errors.ts';
import type { BuildPlan, PlannedFile, PlannedInput } from '../plan/build-plan.ts';
import { fingerprint, sameFingerprint } from '../archive/fingerprint.ts';
import type { HashPool } from '../pool/hash-pool.ts';
import { newRingMemory, WINDOW_BYTES, WindowRing } from '../pool/window.ts';
import { checkContents } from '../stream/check-contents.ts';
import type { FilledWindow, SegmentSource } from '../stream/content.ts';
import { readMembers, type WantedMember } from '../stream/source.ts';
import { LayoutOutput } from './layout-output.ts';
import type { Output } from './output.ts';

export interface EmitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes and files of the plan that are hashed and handed to every output's device or file. */
  readonly onProgress?: (bytes: number, files: number) => void;
  /**
   * false: the contents were proved just before and will be read back from the output, so that they are
   * copied without another look. Default: true.
   */
  readonly hash?: boolean | undefined;
  /** As in {@link checkContents}. */
  readonly pool?: HashPool | undefined;
}

/**
 * Reads every input once, in order, checks every blob (unless told not to) and places it in all outputs
 * at the same time.
 * With no outputs it only checks the contents. The outputs must be prepared; finishing is the caller's.
 *
 * Rejects with `blob-corrupt`, `input-changed`, a source's or an output's error.
 */
export async function emit(
  plan: BuildPlan,
  outputs: readonly Output[],
  { signal, onProgress, hash, pool }: EmitOptions = {},
): Promise<void> {
  let bytes = 0;
  let files = 0;
  const placing = placingOutput(plan, outputs);
  const consume = async (file: number, from: number, run: Uint8Array): Promise<void> => {
    for (const output of outputs) await output.accept(file, from, run);
  };
  const windows = placing === null ? sources(plan, signal) : [placed(plan, placing)];
  await checkContents(plan.files, windows, {
    signal,
    hash,
    pool,
    ...(placing === null ? { consume } : {}),
    onWrong({ file }) {
      throw builderError('blob-corrupt', describe(plan, file));
    },
    onProgress(moreBytes, moreFiles) {
      bytes += moreBytes;
      files += moreFiles;
      onProgress?.(Math.max(0, bytes - Math.max(0, ...outputs.map((o) => o.pending))), files);
    },
  });
  // The threads have read it only now; as in `fromInput`.
  if (placing !== null) await checkAllUnchanged(plan);
  onProgress?.(bytes, plan.files.length);
}

/**
 * The output into whose own memory all can be read (docs/adr/0018): the only one, and its inputs are
 * plain files. null: bytes come through windows of the source, from where each output copies them.
 */
function placingOutput(plan: BuildPlan, outputs: readonly Output[]): LayoutOutput | null {
  const [output, another] = outputs;
  if (another !== undefined || !(output instanceof LayoutOutput)) return null;
  if (!plan.inputs.every(({ container }) => container === 'tar' || container === 'zip'))
    return null;
  // A hole of a sparse file is nowhere to be read from.
  const isSparse = ({ source }: PlannedFile) =>
    source.kind === 'member' && source.place.kind === 'sparse';
  return plan.files.some(isSparse) ? null : output;
}

async function* placed(plan: BuildPlan, output: LayoutOutput): AsyncGenerator<FilledWindow> {
  await checkAllUnchanged(plan);
  yield* output.windows(
    plan.inputs.map(({ path }) => path),
    (file) => bytesOf(plan.files[file]),
  );
}

/** Rejects with `input-changed` when any input is not the one that was inspected. */
export async function checkAllUnchanged({ inputs }: BuildPlan): Promise<void> {
  await Promise.all(inputs.map(checkUnchanged));
}

function bytesOf(file: PlannedFile | undefined): SegmentSource | Uint8Array {
  const source = file?.source;
  if (source?.kind === 'bytes') return source.bytes;
  if (source?.place.kind === 'extent') return { input: source.input, offset: source.place.offset };
  throw new Error('a file of a plain input has a place in it');
}

/** Runs of neighbouring files with the same source, in the plan's order. */
function* sources(
  plan: BuildPlan,
  signal: AbortSignal | undefined,
): Generator<AsyncIterable<FilledWindow>> {
  for (let next = 0; next < plan.files.length;) {
    const from = next;
    const input = inputOf(plan.files[from]);
    while (next < plan.files.length && inputOf(plan.files[next]) === input) next++;
    if (input === null) yield fromMemory(plan.files.slice(from, next), from);
    else yield fromInput(plan, input, wanted(plan.files, from, next), signal);
  }
}

function inputOf(file: PlannedFile | undefined): number | null {
  return file?.source.kind === 'member' ? file.source.input : null;
}

/** One by one: a list of 300,000 would take as much memory as the plan. */
function* wanted(files: readonly PlannedFile[], from: number, to: number): Generator<WantedMember> {
  for (let file = from; file < to; file++) {
    const planned = files[file];
    if (planned?.source.kind === 'member')
      yield { file, size: planned.size, place: planned.source.place };
  }
}

async function* fromInput(
  plan: BuildPlan,
  index: number,
  members: Iterable<WantedMember>,
  signal: AbortSignal | undefined,
): AsyncGenerator<FilledWindow> {
  const input = plan.inputs[index];
  if (input === undefined) throw new RangeError(`no input ${index}`);
  await checkUnchanged(input);
  yield* readMembers(input, members, signal);
  // Also afterwards: what was replaced while it was read is not what was inspected.
  await checkUnchanged(input);
}

/** Rejects with `input-changed` when the input is not the one that was inspected. */
async function checkUnchanged(input: PlannedInput): Promise<void> {
  if (!sameFingerprint(await fingerprint(input.path), input.fingerprint))
    throw builderError('input-changed', { file: input.path });
}

/** Lists of files can be large, so they go through small windows, too. */
async function* fromMemory(
  files: readonly PlannedFile[],
  first: number,
): AsyncGenerator<FilledWindow> {
  const ring = new WindowRing(newRingMemory());
  for (const [i, { size, source }] of files.entries()) {
    if (source.kind !== 'bytes') continue;
    for (let from = 0; from < size; from += WINDOW_BYTES) {
      const length = Math.min(WINDOW_BYTES, size - from);
      const index = await ring.take();
      const memory = ring.window(index);
      new Uint8Array(memory).set(source.bytes.subarray(from, from + length));
      const segments = [{ file: first + i, from, start: 0, length }];
      yield { memory, segments, release: () => ring.release(index) };
    }
  }
}

function describe(plan: BuildPlan, index: number): { file: string; name: string } {
  const file = plan.files[index];
  const input = file?.source.kind === 'member' ? plan.inputs[file.source.input] : undefined;
  return { file: input?.path ?? '', name: file?.path ?? '' };
}
