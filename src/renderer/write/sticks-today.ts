import { useEffect, useState } from 'react';
import type { HistoryEntry, HistoryOutcome } from '../../shared/history.ts';
import { wallClock } from '../../shared/wall-clock.ts';
import { invoke } from '../api/bridge.ts';

/** A stick that was written and verified. */
export interface StickOfDay extends Pick<HistoryEntry, 'startedAt' | 'images'> {
  readonly stick: HistoryOutcome;
}

/** Sticks that were written and verified on the day of `now`, by the clock of this computer; in the order of the entries. */
export function sticksOfDay(entries: readonly HistoryEntry[], now: Date): readonly StickOfDay[] {
  const begins = new Date(now).setHours(0, 0, 0, 0);
  const ends = new Date(now).setHours(24, 0, 0, 0);
  return entries
    .filter(({ startedAt }) => startedAt >= begins && startedAt < ends)
    .flatMap(({ startedAt, images, kind, outcomes }) =>
      kind === 'build' ? outcomes.map((stick) => ({ startedAt, images, stick })) : [],
    )
    .filter(({ stick: { kind, result } }) => kind === 'drive' && result === 'verified');
}

/** The sticks of today with those of a job (null: of no certain one), the newest first; null until they are known. */
export function useSticksToday(jobId: string | null): readonly StickOfDay[] | null {
  const [sticks, setSticks] = useState<readonly StickOfDay[] | null>(null);
  useEffect(() => {
    let isShown = true;
    const show = (entries: readonly HistoryEntry[]): void => {
      if (isShown) setSticks(sticksOfDay(entries, wallClock()));
    };
    // Without the history the result is as good.
    invoke('history.list').then(show, () => undefined);
    return () => {
      isShown = false;
    };
  }, [jobId]);
  return sticks;
}
