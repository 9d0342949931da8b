/**
 * Time left as it is shown. Estimates jump while buffers fill; a person reads a number that leaps as
 * a lie. So the shown value follows the estimate, but never by more than half of itself at once.
 */
export function steadySeconds(
  shown: number | null,
  estimate: number | null,
  elapsed: number,
): number | null {
  if (estimate === null) return shown === null ? null : Math.max(0, shown - elapsed);
  if (shown === null) return estimate;
  const expected = Math.max(1, shown - elapsed);
  return Math.min(expected * 1.5, Math.max(expected * 0.5, estimate));
}
