import type { HistoryEntry, HistoryOutcome } from '../../shared/history.ts';
import { localTime } from '../../shared/local-time.ts';
import { SERIAL_TAIL } from '../sticks/drive-facts.tsx';

/** UTF-8 bytes that a code of 30 mm holds so that a hand scanner still reads it (version 22, level M). */
export const MAX_CODE_BYTES = 700;

/** Sticks of an entry that are ready for a vehicle: each may get a label. */
export function labelled({ outcomes }: HistoryEntry): readonly HistoryOutcome[] {
  return outcomes.filter(
    ({ kind, result }) => kind === 'drive' && (result === 'verified' || result === 'complete'),
  );
}

/**
 * What the code of a label says, a line each: time, ECUs with versions, end of the serial. No words of a language:
 * it is read by machines and in other countries. Where the images are too many, their number is named.
 */
export function labelText(entry: HistoryEntry, { serial }: HistoryOutcome): string {
  const images = entry.images.map(({ ecuId, version }) => `${ecuId} ${version}`.trim());
  const textOf = (shown: number): string =>
    [
      `OTA ${localTime(entry.startedAt).slice(0, 16)}`,
      ...images.slice(0, shown),
      ...(shown < images.length ? [`+${images.length - shown}`] : []),
      ...(serial === null ? [] : [`…${serial.slice(-SERIAL_TAIL)}`]),
    ].join('\n');
  let shown = images.length;
  while (shown > 0 && new TextEncoder().encode(textOf(shown)).length > MAX_CODE_BYTES) shown -= 1;
  return textOf(shown);
}
