import { setInterval } from 'node:timers';

/**
 * For `node --import`: says at its end for how long the main thread worked without a break, in milliseconds of
 * processor, the longest stretches first; `at` is seconds since the start. The first is the loading of modules.
 */
const KEPT = 8;
/** @type {{ ms: number, at: number }[]} */
const stretches = [];
let last = process.threadCpuUsage();

setInterval(() => {
  const now = process.threadCpuUsage();
  const ms = Math.round((now.user + now.system - last.user - last.system) / 1000);
  last = now;
  if (ms >= 20) stretches.push({ ms, at: Math.round(process.uptime()) });
}, 1).unref();

process.once('exit', () => {
  const longest = stretches.sort((a, b) => b.ms - a.ms).slice(0, KEPT);
  process.stderr.write(`${JSON.stringify({ kind: 'busiest', longest })}\n`);
});
