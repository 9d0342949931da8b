/** Times of this computer's zone, for tables and names of files. Months and days have two digits. */

/** `2026-11-20` */
export function localDay(time: number): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** `2026-11-20 10:24:05`, which spreadsheets of all languages take for a time. */
export function localTime(time: number): string {
  const date = new Date(time);
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two);
  return `${localDay(time)} ${clock.join(':')}`;
}

/** `2026-11-20_1024`: no character that a filesystem minds. */
export function fileTime(time: number): string {
  return localTime(time).slice(0, 16).replace(' ', '_').replace(':', '');
}

/** Of the zone at that time: `+09:00`. */
export function utcOffset(time: number): string {
  // JavaScript counts the minutes from local time to UTC.
  const minutes = -new Date(time).getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
