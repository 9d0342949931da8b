import { emit } from '../engine/emit/emit.ts';
import { RepairOutput } from '../engine/emit/repair-output.ts';
import { Pace, runYielding, yieldToEventLoop } from '../engine/event-loop.ts';
import type { FilePiece, KeptFiles } from '../engine/layout/layout.ts';
import type { Plan } from '../engine/plan/plan.ts';
import type { ProvenContents } from '../engine/plan/proven-contents.ts';
import type { HashPool } from '../engine/pool/hash-pool.ts';
import { sortInSteps } from '../engine/sort.ts';
import { readPositioned } from '../engine/stream/positioned.ts';
import { streamContents } from '../engine/stream/stream-contents.ts';
import type { Target } from '../engine/target/target.ts';
import { blockReader } from './drive-reader.ts';

interface KeptContext {
  readonly pool: HashPool;
  readonly proven: ProvenContents;
  readonly signal: AbortSignal;
}

const each = (pieces: readonly FilePiece[]): readonly FilePiece[] => pieces;

/** Reads all kept files and says which of them are not what their names say. */
export async function wrongKeptFiles(
  target: Target,
  plan: Plan,
  kept: KeptFiles,
  { pool, proven, signal }: KeptContext,
): Promise<Set<number>> {
  const files: (readonly FilePiece[])[] = [];
  const pace = new Pace();
  for (const fileIndex of kept.fileIndexes()) {
    if (pace.isDue) await yieldToEventLoop(signal);
    files.push(kept.placesOf(fileIndex));
  }
  const start = (pieces: readonly FilePiece[]): number => pieces[0]?.offset ?? 0;
  await runYielding(
    sortInSteps(files, (a, b) => start(a) - start(b)),
    signal,
  );
  const wrong = new Set<number>();
  const windows = readPositioned(blockReader(target, null), files.values().flatMap(each), signal);
  await streamContents(plan.files, [windows], {
    signal,
    pool,
    isExpected: (fileIndex) => kept.has(fileIndex),
    digestOf(fileIndex) {
      const file = plan.files[fileIndex];
      if (file === undefined) throw new RangeError(`no file ${fileIndex}`);
      return proven.digestOf(file.path, file.contentDigest);
    },
    onWrong: ({ fileIndex }) => wrong.add(fileIndex),
  });
  return wrong;
}

/** Writes kept files that are wrong from the images again, to where they are, and flushes. */
export async function repairKeptFiles(
  target: Target,
  plan: Plan,
  kept: KeptFiles,
  wrong: ReadonlySet<number>,
  { pool, proven, signal }: KeptContext,
): Promise<void> {
  const output = new RepairOutput(kept, wrong, target);
  try {
    await emit(plan, [output], { signal, pool, proven });
    await output.finish();
  } finally {
    await output.close();
  }
}
