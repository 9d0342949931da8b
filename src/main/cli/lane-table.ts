import type { Translator } from '../../shared/messages/index.ts';
import type { DriveRequest } from '../../shared/model/job.ts';
import { slowestLane, type Outcome } from '../../shared/model/outcome.ts';
import type { Progress } from '../../shared/model/progress.ts';
import { fitted } from './fitted.ts';
import { printable } from './printable.ts';
import type { Stream } from './stream.ts';

/** A drive of a job with several, by the position of its output. */
export interface Lane {
  readonly index: number;
  readonly path: string;
}

export function lanesOf(outcomes: readonly Outcome[]): Lane[] {
  return outcomes.flatMap(({ request }, index) =>
    request.kind === 'drive' ? [{ index, path: pathOf(request) }] : [],
  );
}

export function pathOf({ identity }: DriveRequest): string {
  return identity.path;
}

/** A row for each drive on a terminal, drawn again and again in the same place. */
export class LaneTable {
  readonly #stderr: Stream;
  readonly #translator: Translator;
  /** Rows of the table that stand above the cursor; 0 before the first, and below other lines. */
  #rows = 0;

  constructor(stderr: Stream, translator: Translator) {
    this.#stderr = stderr;
    this.#translator = translator;
  }

  draw(outcomes: readonly Outcome[], progress: readonly (Progress | null)[]): void {
    const lanes = lanesOf(outcomes);
    const slowest = slowestLane(outcomes, progress);
    const up = this.#rows > 0 ? `\x1b[${this.#rows}A` : '';
    const rows = lanes.map(({ index, path }) => {
      const outcome = outcomes[index] as Outcome;
      const isSlowest = index === slowest && outcome.phase === 'write';
      return this.#row(path, outcome, progress[index] ?? null, isSlowest);
    });
    this.#stderr.write(up + rows.map((row) => `\r\x1b[2K${row}\n`).join(''));
    this.#rows = rows.length;
  }

  /** Another line was written below: the next table is drawn anew. */
  leave(): void {
    this.#rows = 0;
  }

  #row(path: string, outcome: Outcome, progress: Progress | null, isSlowest: boolean): string {
    const { t, format } = this.#translator;
    const { state, phase } = outcome;
    const parts = [path];
    if (state !== 'running' || phase === null) parts.push(t(`lane.${state}`));
    else {
      parts.push(t(`phase.${phase}`));
      const { bytesDone = 0, bytesTotal = null } = progress?.phase === phase ? progress : {};
      if (bytesTotal !== null) {
        parts.push(format.percent(bytesTotal === 0 ? 1 : Math.min(1, bytesDone / bytesTotal)));
        if (isSlowest) parts.push(t('lane.slowest'));
        const { secondsLeft, bytesPerSecond } = progress as Progress;
        if (secondsLeft !== null && secondsLeft > 0)
          parts.push(t('cli.left', { time: format.duration(secondsLeft) }));
        if (bytesPerSecond !== null) parts.push(format.bytesPerSecond(bytesPerSecond));
      }
    }
    return fitted(parts.map(printable), null, this.#stderr.columns ?? 80);
  }
}
