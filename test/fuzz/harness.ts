import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** CPU time of one input; wall time would count what else the machine does. Milliseconds. */
export const MAX_CPU_MS = 2_000;

/** Something waits for what never comes, and no thread of it wants the processor. Milliseconds. */
const MAX_SILENCE_MS = 60_000;

/** Peak of the whole process, Node and the harness (about 120 MB) included. */
export const MAX_RSS_BYTES = 512 * 1024 * 1024;

/** In front of the running input in the file `current`: its number and its length. */
export const CURRENT_HEADER = 8;

const LOOK_MS = 250;

/** In memory where there is such a place: an input is written and read 10,000 times. */
export const SCRATCH = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** What the child tells when it comes to its end. */
export interface ChildReport {
  readonly runs: number;
  /** How often inputs were accepted, or refused with which code. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly failure: Failure | null;
}

export interface Failure {
  readonly reason: string;
  /** base64 of what causes it, made as small as could be. */
  readonly input: string;
}

export interface FuzzOptions {
  readonly runs: number;
  readonly seed: number;
  /** Ends earlier when these are over; 0: it does not. */
  readonly seconds?: number;
  /** Processes at once, by default one. */
  readonly jobs?: number;
}

/** Inputs of one seed: the first seed makes the first of them, the next the following ones. */
export const ROUND = 1000;

/** What a process is given; whole rounds. More take longer to repeat, fewer to start Node. */
const SHARE = 50 * ROUND;

/**
 * Feeds a target of targets.ts with inputs, in processes of its own. Which inputs these are depends on
 * `runs` and `seed` alone.
 * @returns how it went, up to the first failure. That is an error that is none of the product's, a
 * crash, more than MAX_CPU_MS for one input, more memory than MAX_RSS_BYTES, or a write outside of the
 * folder given.
 */
export async function fuzz(
  target: string,
  { runs, seed, seconds = 0, jobs = 1 }: FuzzOptions,
): Promise<ChildReport> {
  const end = seconds > 0 ? performance.now() + seconds * 1000 : Infinity;
  const outcomes: Record<string, number> = {};
  let done = 0;
  let failure: Failure | null = null;
  let next = 0;
  const goes = () => failure === null && performance.now() < end;
  const work = async (): Promise<void> => {
    while (next < runs && goes()) {
      let at = next;
      const last = Math.min(runs, at + SHARE);
      next = last;
      // A process may leave some of its share to another.
      while (at < last && goes()) {
        const report = await runChild(target, {
          runs: last - at,
          seed: seed + at / ROUND,
          seconds: seconds > 0 ? Math.max(1, Math.ceil((end - performance.now()) / 1000)) : 0,
        });
        at += report.runs;
        done += report.runs;
        failure ??= report.failure;
        for (const [outcome, count] of Object.entries(report.outcomes))
          outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return { runs: done, outcomes, failure };
}

async function runChild(
  target: string,
  { runs, seed, seconds }: Required<Omit<FuzzOptions, 'jobs'>>,
): Promise<ChildReport> {
  const folder = mkdtempSync(join(SCRATCH, 'offline-ota-fuzz-'));
  const numbers = [runs, seed, seconds].map(String);
  const child = spawn(
    process.execPath,
    [
      // Whatever an input talks a reader into: it can write below the folder and start nothing.
      ...['--permission', '--allow-fs-read=*', `--allow-fs-write=${folder}`, '--allow-addons'],
      ...['--disable-warning=ExperimentalWarning', '--disable-warning=SecurityWarning'],
      ...[join(import.meta.dirname, 'child.ts'), target, ...numbers, folder],
    ],
    { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  );
  const reported: ChildReport[] = [];
  let errors = '';
  child.on('message', (message) => reported.push(message as ChildReport));
  child.stderr
    ?.setEncoding('utf8')
    .on('data', (text: string) => (errors = (errors + text).slice(-4000)));
  const { promise, resolve } = Promise.withResolvers<string>();
  child.once('close', (code, signal) =>
    resolve(`crash: exit ${String(code)}, signal ${String(signal)}\n${errors}`),
  );
  const watch = new Watch(child.pid ?? 0, folder);
  const timer = setInterval(() => {
    const hang = watch.look();
    if (hang === null) return;
    child.kill('SIGKILL');
    resolve(hang);
  }, LOOK_MS);
  try {
    const ended = await promise;
    const [report] = reported;
    if (report !== undefined) return report;
    const { count, input } = readCurrent(folder);
    return {
      ...{ runs: count, outcomes: {} },
      failure: { reason: ended, input: input.toString('base64') },
    };
  } finally {
    clearInterval(timer);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sees that a process no longer gets on. */
class Watch {
  readonly #pid: number;
  readonly #folder: string;
  #count = -1;
  #since = 0;
  #cpuBefore = 0;

  constructor(pid: number, folder: string) {
    this.#pid = pid;
    this.#folder = folder;
  }

  /** null while it gets on. */
  look(): string | null {
    const { count } = readCurrent(this.#folder);
    const cpu = cpuMilliseconds(this.#pid);
    if (count !== this.#count) {
      this.#count = count;
      this.#since = Date.now();
      this.#cpuBefore = cpu;
      return null;
    }
    // Who would go on, were the machine less busy, does not wait for what never comes.
    if (wantsProcessor(this.#pid)) this.#since = Date.now();
    // Before its first input it loads its modules.
    if (count > 0 && cpu - this.#cpuBefore > MAX_CPU_MS)
      return `hang: ${cpu - this.#cpuBefore} ms of CPU`;
    return Date.now() - this.#since > MAX_SILENCE_MS ? 'hang: it waits for ever' : null;
  }
}

/** User and system time of a process (proc(5), stat, fields 14 and 15: ticks of 10 ms); 0 where unknown. */
function cpuMilliseconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return 0;
  }
}

/** Whether a thread of it is running or about to (proc(5), stat, field 3: R, or D for a disk). */
function wantsProcessor(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).some((task) => {
      const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8');
      return /^[RD]/.test(stat.slice(stat.lastIndexOf(')') + 2));
    });
  } catch {
    return false;
  }
}

function readCurrent(folder: string): { count: number; input: Buffer } {
  try {
    const bytes = readFileSync(join(folder, 'current'));
    if (bytes.length < CURRENT_HEADER) return { count: 0, input: Buffer.alloc(0) };
    const length = bytes.readUInt32LE(4);
    return {
      count: bytes.readUInt32LE(0),
      input: bytes.subarray(CURRENT_HEADER, CURRENT_HEADER + length),
    };
  } catch {
    return { count: 0, input: Buffer.alloc(0) };
  }
}
