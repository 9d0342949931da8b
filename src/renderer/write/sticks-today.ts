import { useEffect, useState } from 'react';
import type { HistoryEntry } from '../../shared/ipc.ts';
import { wallClock } from '../../shared/wall-clock.ts';
import { invoke } from '../api/bridge.ts';

/** Sticks that were written and verified on the day of `now`, by the clock of this computer. */
export function sticksOfDay(entries: readonly HistoryEntry[], now: Date): number {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  return entries
    .filter(({ startedAt }) => startedAt >= midnight)
    .flatMap(({ outcomes }) => outcomes)
    .filter(({ kind, result }) => kind === 'drive' && result === 'verified').length;
}

/** How many sticks there are today with those of a job; null until that is known. */
export function useSticksToday(jobId: string): number | null {
  const [count, setCount] = useState<number | null>(null);
  useEffect(() => {
    let isShown = true;
    const show = (entries: readonly HistoryEntry[]): void => {
      if (isShown) setCount(sticksOfDay(entries, wallClock()));
    };
    // Without the history the result is as good.
    invoke('history.list').then(show, () => undefined);
    return () => {
      isShown = false;
    };
  }, [jobId]);
  return count;
}
