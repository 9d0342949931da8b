import { setInterval } from 'node:timers';

/**
 * How long the main thread works without a break: while it does, Electron's window does not answer. Time
 * of the processor, not of the clock, so that a machine that is busy with other things does not count.
 */
let last = process.threadCpuUsage();
let longest = 0;

setInterval(() => {
  const now = process.threadCpuUsage();
  longest = Math.max(longest, now.user + now.system - last.user - last.system);
  last = now;
}, 1).unref();

/** @returns {number} milliseconds of the longest turn since the last call. */
export function takeBusiest() {
  const result = longest / 1000;
  longest = 0;
  return result;
}
