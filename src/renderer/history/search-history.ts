import type { HistoryEntry } from '../../shared/history.ts';
import { localTime } from '../../shared/local-time.ts';
import type { Translator } from '../../shared/messages/index.ts';

export const FILTERS = ['all', 'build', 'check', 'problem'] as const;
export type HistoryFilter = (typeof FILTERS)[number];

const PROBLEMS: ReadonlySet<string> = new Set(['failed', 'partial', 'incomplete']);

export interface HistoryQuery {
  /** Words in any order; each must be somewhere in the entry. */
  readonly search: string;
  readonly filter: HistoryFilter;
  /** Id of a job whose entries alone are meant; null: of all jobs. */
  readonly job: string | null;
}

/** The entries that fit, in their order. Case, width and spaces do not matter. */
export function searchHistory(
  entries: readonly HistoryEntry[],
  { search, filter, job }: HistoryQuery,
  words: Translator,
): readonly HistoryEntry[] {
  const wanted = plain(search)
    .split(/\s+/u)
    .filter((word) => word !== '');
  return entries.filter((entry) => {
    if (job !== null && entry.job !== job) return false;
    if (filter === 'problem' && !PROBLEMS.has(entry.result)) return false;
    if ((filter === 'build' || filter === 'check') && entry.kind !== filter) return false;
    if (wanted.length === 0) return true;
    const text = plain(textOf(entry, words));
    return wanted.every((word) => text.includes(word));
  });
}

/** All that a person may remember of it. */
function textOf(entry: HistoryEntry, { t, format }: Translator): string {
  return [
    format.dateTime(entry.startedAt),
    localTime(entry.startedAt),
    t(`history.kind.${entry.kind}`),
    t(`history.result.${entry.result}`),
    entry.operator,
    entry.host,
    ...entry.images.flatMap(({ ecuId, version, digest, signer }) => [
      ...[ecuId, version, digest, signer],
    ]),
    ...entry.outcomes.flatMap(({ name, serial, port }) => [name, serial, port]),
  ]
    .filter((part) => part !== null)
    .join(' ');
}

function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
