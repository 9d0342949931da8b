import { spawnSync } from 'node:child_process';

/** What one run of a command cost. */
export interface Cost {
  /** Wall clock, seconds. */
  readonly seconds: number;
  /** User and system time of the command and its children, seconds. */
  readonly cpuSeconds: number;
  /** Largest resident set of any one process of it, MiB. */
  readonly peakMiB: number;
  /** What the command and its children caused to be written to disks, bytes; 0 on a tmpfs. */
  readonly writtenBytes: number;
  /** Bytes of the output, where the command makes one. */
  readonly outputBytes: number;
}

/** Runs a command under GNU time. Throws when it fails. */
export function measure(command: string, args: readonly string[], cwd: string): Cost {
  const { status, stderr } = spawnSync(
    '/usr/bin/time',
    ['--format', '\n%e %U %S %M %O', command, ...args],
    { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  const last = stderr.trimEnd().split('\n').at(-1) ?? '';
  const [seconds = 0, user = 0, system = 0, peakKiB = 0, sectors = 0] = last.split(' ').map(Number);
  return {
    seconds,
    cpuSeconds: user + system,
    peakMiB: peakKiB / 1024,
    // getrusage(2): ru_oublock, in sectors of 512 bytes on Linux.
    writtenBytes: sectors * 512,
    outputBytes: 0,
  };
}

/** A cost of which only the time is known. */
export function timed(seconds: number): Cost {
  const unknown = Number.NaN;
  return {
    seconds,
    cpuSeconds: unknown,
    peakMiB: unknown,
    writtenBytes: unknown,
    outputBytes: unknown,
  };
}

/** Of an even count: the mean of the two in the middle. NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** The median of each figure; they need not come from the same run. */
export function medianCost(costs: readonly Cost[]): Cost {
  const of = (figure: (cost: Cost) => number) => median(costs.map(figure));
  return {
    seconds: of(({ seconds }) => seconds),
    cpuSeconds: of(({ cpuSeconds }) => cpuSeconds),
    peakMiB: of(({ peakMiB }) => peakMiB),
    writtenBytes: of(({ writtenBytes }) => writtenBytes),
    outputBytes: of(({ outputBytes }) => outputBytes),
  };
}
