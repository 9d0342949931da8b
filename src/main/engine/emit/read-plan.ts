import { builderError } from '../../../shared/errors.ts';
import { fingerprint, sameFingerprint } from '../archive/fingerprint.ts';
import type { BuildPlan, PlannedFile, PlannedInput } from '../plan/build-plan.ts';
import { STEP_ITEMS, type Steps } from '../event-loop.ts';
import { newRingMemory, WINDOW_BYTES, WindowRing } from '../pool/window.ts';
import { isPositioned, isWhole } from '../content/member-location.ts';
import type { FilledWindow } from '../content/segments.ts';
import { readMembers, type WantedMember } from '../stream/read-members.ts';
import type { ContentSources, StoredBytes } from './output.ts';

/**
 * Windows with all contents of the plan, in its order. An input is read once, from its first file to its last,
 * however many files of others stand between: a decoder fills its ring meanwhile. Rejects with
 * `input-changed` when an input is not the one that was inspected.
 * @param isWanted files for which this is false are left out. Default: all are wanted.
 */
export async function* readPlan(
  plan: BuildPlan,
  signal: AbortSignal | undefined,
  isWanted: (fileIndex: number) => boolean = () => true,
): AsyncGenerator<FilledWindow> {
  const runs = runsOf(plan.files);
  const lastRuns = new Map(runs.map((run) => [run.input, run]));
  const readers = new Map<number, RunReader>();
  const open = (input: number): RunReader => {
    const own = runs.filter((run) => run.input === input);
    return new RunReader(fromInput(plan, input, wanted(plan.files, own, isWanted), signal));
  };
  try {
    for (const run of runs) {
      const { input, from, to } = run;
      if (input === null) {
        yield* fromMemory(plan.files.slice(from, to), from, isWanted);
        continue;
      }
      const reader = readers.get(input) ?? open(input);
      readers.set(input, reader);
      yield* reader.take(
        plan.files
          .slice(from, to)
          .reduce((sum, { size }, i) => (isWanted(from + i) ? sum + size : sum), 0),
      );
      if (lastRuns.get(input) !== run) continue;
      await reader.end();
      readers.delete(input);
    }
  } finally {
    await Promise.all(Array.from(readers.values(), (reader) => reader.close()));
  }
}

/** Neighbouring files of one input; null: of none. */
interface Run {
  readonly input: number | null;
  readonly from: number;
  readonly to: number;
}

function runsOf(files: readonly PlannedFile[]): Run[] {
  const runs: Run[] = [];
  for (let next = 0; next < files.length;) {
    const from = next;
    const input = inputOf(files[from]);
    while (next < files.length && inputOf(files[next]) === input) next++;
    runs.push({ input, from, to: next });
  }
  return runs;
}

/** The windows of one input, taken run by run. */
class RunReader {
  readonly #windows: AsyncGenerator<FilledWindow>;
  /** What is left of the last one. */
  #rest: FilledWindow | null = null;

  constructor(windows: AsyncGenerator<FilledWindow>) {
    this.#windows = windows;
  }

  /** @param bytes of the next run, which ends with a file. */
  async *take(bytes: number): AsyncGenerator<FilledWindow> {
    for (let left = bytes; left > 0;) {
      const window = this.#rest ?? (await this.#next());
      const [part, rest] = split(window, left);
      this.#rest = rest;
      left -= part.segments.reduce((sum, { length }) => sum + length, 0);
      yield part;
    }
  }

  /** All runs were taken: whether the input is still the same is asked at its end. */
  async end(): Promise<void> {
    const { done } = await this.#windows.next();
    if (done !== true || this.#rest !== null)
      throw new Error('an input has more than was asked for');
  }

  async close(): Promise<void> {
    await this.#windows.return(undefined);
  }

  async #next(): Promise<FilledWindow> {
    const result = await this.#windows.next();
    if (result.done === true) throw new Error('an input has less than was asked for');
    return result.value;
  }
}

/** The first `bytes` of a window, and the rest. Its memory is given back when both parts are released. */
function split(window: FilledWindow, bytes: number): [FilledWindow, FilledWindow | null] {
  const { segments } = window;
  let count = 0;
  for (let taken = 0; count < segments.length && taken < bytes; count++)
    taken += segments[count]?.length ?? 0;
  if (count === segments.length) return [window, null];
  let parts = 2;
  const release = (): void => {
    if (--parts === 0) window.release();
  };
  return [
    { ...window, segments: segments.slice(0, count), release },
    { ...window, segments: segments.slice(count), release },
  ];
}

/**
 * The same, in memory that an output lends (docs/adr/0018). The inputs must be plain files, since their bytes
 * can be had at any time. Threads read them only when they hash them: that the inputs are still the same is
 * to be asked after that.
 */
export async function* readPlanInto(
  plan: BuildPlan,
  lend: (contents: ContentSources) => AsyncIterable<FilledWindow>,
): AsyncGenerator<FilledWindow> {
  await assertAllUnchanged(plan);
  yield* lend({
    inputs: plan.inputs.map(({ path }) => path),
    of: (fileIndex, from) => bytesOf(plan.files[fileIndex], from),
  });
}

/** Whether every byte of the files is stored in an input as it is; a hole of a sparse file is not stored. */
export function* isPlain({ inputs, files }: BuildPlan): Steps<boolean> {
  if (!inputs.every(({ container }) => isPositioned(container))) return false;
  for (const [i, { source, size }] of files.entries()) {
    if (i % STEP_ITEMS === 0) yield;
    if (source.kind !== 'member' || source.location.kind !== 'sparse') continue;
    if (!isWhole(source.location.runs, size)) return false;
  }
  return true;
}

/** Rejects with `input-changed` when any input is not the one that was inspected. */
export async function assertAllUnchanged({ inputs }: BuildPlan): Promise<void> {
  await Promise.all(inputs.map(assertUnchanged));
}

/** Rejects with `input-changed` when the input is not the one that was inspected. */
async function assertUnchanged(input: PlannedInput): Promise<void> {
  if (!sameFingerprint(await fingerprint(input.path), input.fingerprint))
    throw builderError('input-changed', { file: input.path });
}

function bytesOf(file: PlannedFile | undefined, from: number): StoredBytes | Uint8Array {
  const { source, size = 0 } = file ?? {};
  if (source?.kind === 'bytes') return source.bytes.subarray(from);
  if (source?.location.kind === 'extent')
    return { input: source.input, offset: source.location.offset + from, length: size - from };
  // A file of a filesystem may lie in several runs.
  const run =
    source?.location.kind === 'sparse'
      ? source.location.runs.findLast((each) => each.from <= from)
      : undefined;
  if (source === undefined || run === undefined)
    throw new Error('a file of a plain input has a place in it');
  const done = from - run.from;
  return { input: source.input, offset: run.offset + done, length: run.length - done };
}

function inputOf(file: PlannedFile | undefined): number | null {
  return file?.source.kind === 'member' ? file.source.input : null;
}

/** One by one: a list of 300,000 would take as much memory as the plan. */
function* wanted(
  files: readonly PlannedFile[],
  runs: readonly Run[],
  isWanted: (fileIndex: number) => boolean,
): Generator<WantedMember> {
  for (const { from, to } of runs)
    for (let fileIndex = from; fileIndex < to; fileIndex++) {
      const planned = files[fileIndex];
      if (planned?.source.kind === 'member' && isWanted(fileIndex))
        yield { fileIndex, size: planned.size, location: planned.source.location };
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
  await assertUnchanged(input);
  yield* readMembers(input, members, signal);
  // Also afterwards: what was replaced while it was read is not what was inspected.
  await assertUnchanged(input);
}

/** Lists of files can be large, so they go through small windows, too. */
async function* fromMemory(
  files: readonly PlannedFile[],
  first: number,
  isWanted: (fileIndex: number) => boolean,
): AsyncGenerator<FilledWindow> {
  const ring = new WindowRing(newRingMemory());
  for (const [i, { size, source }] of files.entries()) {
    if (source.kind !== 'bytes' || !isWanted(first + i)) continue;
    for (let from = 0; from < size; from += WINDOW_BYTES) {
      const length = Math.min(WINDOW_BYTES, size - from);
      const index = await ring.take();
      const memory = ring.window(index);
      new Uint8Array(memory).set(source.bytes.subarray(from, from + length));
      const segments = [{ fileIndex: first + i, from, start: 0, length }];
      yield { memory, segments, release: () => ring.release(index) };
    }
  }
}
