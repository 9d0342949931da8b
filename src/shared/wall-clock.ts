/**
 * The time of day, for timestamps and for what is valid until a date. It jumps when the clock is set:
 * durations, time-outs and notices use `performance.now()`, which only ever grows. ESLint lets no other
 * module ask for the time of day.
 */
export function wallClock(): Date {
  return new Date();
}

/** Unix seconds, as archives and filesystems keep times. */
export function wallClockSeconds(): number {
  return Math.floor(wallClock().getTime() / 1000);
}
