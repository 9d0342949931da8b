import { builderError } from '../../../shared/errors.ts';
import { fingerprint, sameFingerprint } from '../archive/fingerprint.ts';
import type { BuildPlan, PlannedFile, PlannedInput } from '../plan/build-plan.ts';
import { newRingMemory, WINDOW_BYTES, WindowRing } from '../pool/window.ts';
import type { FilledWindow, SegmentSource } from '../content/segments.ts';
import { readMembers, type WantedMember } from '../stream/read-members.ts';
import type { ContentPlaces } from './output.ts';

/**
 * Windows with all contents of the plan, in its order: runs of neighbouring files with the same input. Each
 * rejects with `input-changed` when its input is not the one that was inspected.
 */
export function* readPlan(
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

/**
 * The same, in memory that an output lends (docs/adr/0018). The inputs must be plain files, since their bytes
 * can be had at any time. Threads read them only when they hash them: that the inputs are still the same is
 * to be asked after that.
 */
export async function* readPlanInto(
  plan: BuildPlan,
  lend: (contents: ContentPlaces) => AsyncIterable<FilledWindow>,
): AsyncGenerator<FilledWindow> {
  await checkAllUnchanged(plan);
  yield* lend({
    inputs: plan.inputs.map(({ path }) => path),
    of: (file) => bytesOf(plan.files[file]),
  });
}

/** Whether every byte of the files stands in an input as it is; a hole of a sparse file stands nowhere. */
export function isPlain({ inputs, files }: BuildPlan): boolean {
  const isSparse = ({ source }: PlannedFile): boolean =>
    source.kind === 'member' && source.place.kind === 'sparse';
  return (
    inputs.every(({ container }) => container === 'tar' || container === 'zip') &&
    !files.some(isSparse)
  );
}

/** Rejects with `input-changed` when any input is not the one that was inspected. */
export async function checkAllUnchanged({ inputs }: BuildPlan): Promise<void> {
  await Promise.all(inputs.map(checkUnchanged));
}

/** Rejects with `input-changed` when the input is not the one that was inspected. */
async function checkUnchanged(input: PlannedInput): Promise<void> {
  if (!sameFingerprint(await fingerprint(input.path), input.fingerprint))
    throw builderError('input-changed', { file: input.path });
}

function bytesOf(file: PlannedFile | undefined): SegmentSource | Uint8Array {
  const source = file?.source;
  if (source?.kind === 'bytes') return source.bytes;
  if (source?.place.kind === 'extent') return { input: source.input, offset: source.place.offset };
  throw new Error('a file of a plain input has a place in it');
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
