import { appendFileSync, readFileSync } from 'node:fs';

/** One line of the file of times: what a test file took, in seconds. `npm run test:times` shows them. */
export interface FileTime {
  /** Path of the test file. */
  readonly file: string;
  readonly seconds: number;
  /** Of the processor, with that of the processes that were started and have ended. */
  readonly processor: number;
}

/** Adds a line where `npm test` asks for it. Several processes do so at once: a line is one write. */
export function noteTime(time: FileTime): void {
  const path = process.env['TEST_TIMES'];
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(time)}\n`);
}

/**
 * Seconds that this process, and its children that have ended, had of the processor (proc(5), stat, fields
 * 14 to 17: ticks of 10 ms). Where there is no such file, of this process alone.
 */
export function processorSeconds(): number {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
}
