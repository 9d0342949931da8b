import { columnsOf } from './help.ts';

const BAR_COLUMNS = 24;
/** A shorter bar says nothing that the percentage does not. */
const BAR_COLUMNS_MIN = 6;
const GAP = '  ';

/**
 * As much as fits into a row: a longer one would wrap, and only its last row be cleared by the next.
 * What matters least is last and goes first.
 */
export function fitted(
  parts: readonly string[],
  bar: ((columns: number) => string) | null,
  columns: number,
): string {
  const shown = [...parts];
  // The last column stays empty: writing there wraps in some terminals.
  const room = () => columns - 1 - columnsOf(shown.join(GAP));
  while (shown.length > 1 && room() < 0) shown.pop();
  const barColumns = Math.min(BAR_COLUMNS, room() - GAP.length - '[]'.length);
  if (bar !== null && barColumns >= BAR_COLUMNS_MIN) shown.splice(1, 0, bar(barColumns));
  return shown.join(GAP);
}
