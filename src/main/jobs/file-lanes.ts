import { dirname } from 'node:path';
import type { OutputRequest } from '../../shared/model/job.ts';
import type { Output } from '../engine/emit/output.ts';
import type { Plan } from '../engine/plan/plan.ts';
import type { JobContext } from './context.ts';
import type { ProgressReporter } from './progress-reporter.ts';
import type { LaneReporter, Outcomes } from './outcomes.ts';
import { assertRoom, fileOutput, type FileOutput } from './outputs.ts';
import type { JobOutcome } from './settle-early.ts';

interface FileLane extends FileOutput {
  readonly reporter: LaneReporter;
}

/**
 * The files and folders of one job, on their way together: prepare → write → finish → commit. They get their
 * names at once, so that a cancel leaves all of them or none.
 */
export class FileLanes {
  readonly #lanes: readonly FileLane[];
  #flushing: readonly ProgressReporter[] = [];

  private constructor(lanes: readonly FileLane[]) {
    this.#lanes = lanes;
  }

  /** Takes the files among the requests. @throws as {@link fileOutput} and {@link assertRoom} */
  static async open(
    requests: readonly OutputRequest[],
    plan: Plan,
    outcomes: Outcomes,
    context: JobContext,
  ): Promise<FileLanes> {
    const lanes: FileLane[] = [];
    for (const [index, request] of requests.entries())
      if (request.kind !== 'drive') {
        const reporter = outcomes.reporter(index);
        lanes.push({ ...(await fileOutput(request, plan, context)), reporter });
      }
    await assertRoom(lanes);
    return new FileLanes(lanes);
  }

  get count(): number {
    return this.#lanes.length;
  }

  /** Where they are to be. An empty folder that is to be filled may be where a drive is mounted. */
  get paths(): readonly string[] {
    return this.#lanes.flatMap(({ request: { path } }) => [path, dirname(path)]);
  }

  async prepare(): Promise<void> {
    for (const { output } of this.#lanes) await output.prepare();
    for (const { reporter } of this.#lanes) reporter.begin('prepare').finish();
  }

  /** The outputs to be filled, each with what measures it. */
  startWriting({ summary }: Plan): { output: Output; meter: ProgressReporter }[] {
    const totals = { bytes: summary.totalBytes, files: summary.totalFiles };
    return this.#lanes.map(({ output, reporter }) => ({
      output,
      meter: reporter.begin('write', totals),
    }));
  }

  startFlushing(): void {
    this.#flushing = this.#lanes.map(({ reporter }) => reporter.begin('flush'));
  }

  /** All reach the disk before any gets its name. Streams come later: {@link endStreams}. */
  async finish(ending: JobOutcome, signal: AbortSignal): Promise<void> {
    for (const { output } of this.#lanes) {
      signal.throwIfAborted();
      await output.finish();
    }
    await ending.commit(async () => {
      for (const lane of this.#lanes) if (lane.room !== null) await commit(lane);
    });
    for (const meter of this.#flushing) meter.finish();
  }

  /** Tells those who read a stream that it is complete. */
  async endStreams(ending: JobOutcome): Promise<void> {
    for (const lane of this.#lanes) if (lane.room === null) await ending.commit(() => commit(lane));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#lanes.map(({ output }) => output.close()));
  }
}

async function commit({ output, reporter, bytes }: FileLane): Promise<void> {
  await output.commit();
  reporter.done({ bytes, verified: false, ejected: false });
}
