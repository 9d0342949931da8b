import { spawnSync } from 'node:child_process';

/** What one run of a command cost. */
export interface Cost {
  /** Wall clock, seconds. */
  readonly seconds: number;
  /** User and system time of the command and its children, seconds. */
  readonly cpuSeconds: number;
  /** Largest resident set of any one process of it, MiB. */
  readonly peakMiB: number;
}

/** Runs a command under GNU time. Throws when it fails. */
export function measure(command: string, args: readonly string[], cwd: string): Cost {
  const { status, stderr } = spawnSync(
    '/usr/bin/time',
    ['--format', '\n%e %U %S %M', command, ...args],
    { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  const last = stderr.trimEnd().split('\n').at(-1) ?? '';
  const [seconds = 0, user = 0, system = 0, peakKiB = 0] = last.split(' ').map(Number);
  return { seconds, cpuSeconds: user + system, peakMiB: peakKiB / 1024 };
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The median of each figure; they need not come from the same run. */
export function medianCost(costs: readonly Cost[]): Cost {
  return {
    seconds: median(costs.map(({ seconds }) => seconds)),
    cpuSeconds: median(costs.map(({ cpuSeconds }) => cpuSeconds)),
    peakMiB: median(costs.map(({ peakMiB }) => peakMiB)),
  };
}
