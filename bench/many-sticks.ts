/**
 * Several sticks in one run of the built command line, on loop devices. Needs root, `npm run build`, and the `blkio`
 * and `cpuacct` controllers of cgroup v1. BENCH_FOLDER is where images are kept. Usage: many-sticks.ts [free] [paced [MiB]]
 *   free     1, 2, 8 and 16 sticks as fast as the disk goes, from .tgz and .tar: seconds, processor (of 8 at most 3 ×
 *            that of one) and memory of all processes (at most 64 MiB a stick)
 *   paced    the kernel slows the devices down. 1 and 4 at 20 MB/s: each of four should take at most 1.1 × the time of
 *            one. 3 at 20 MB/s and one at 5: which of them is named while they are written
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Outcome } from '../src/shared/model/outcome.ts';
import { slowestLane } from '../src/shared/model/outcome.ts';
import type { Progress } from '../src/shared/model/progress.ts';
import type { CliEvent } from '../test/support/cli.ts';
import { makeImage, seededBytes } from '../test/support/image-factory.ts';
import { attachLoop } from '../test/support/loop.ts';
import { writeTar } from '../test/support/tar-writer.ts';
import { SMALL_REAL } from './cases.ts';
import { image } from './images.ts';

const MIB = 1024 * 1024;
const CLI = join(import.meta.dirname, '../out/main/cli.js');
const CONTROLLERS = ['blkio', 'cpuacct'] as const;

/** Between two looks at the memory. Milliseconds. */
const LOOK_MS = 250;

/** How fast a stick is, MB/s; null: as fast as it goes. */
type Limit = number | null;

interface Run {
  /** Until the last stick was complete. */
  readonly seconds: number;
  readonly processor: number;
  /** Of all processes at once, without what they share counted twice. */
  readonly peakMiB: number;
  /** By the position of the stick: how many of the events while it was written named it as the slowest. */
  readonly named: readonly number[];
}

interface Target {
  readonly image: string;
  /** Of each device. MiB. */
  readonly size: number;
}

const words = process.argv.slice(2);
const folder = join(process.env['BENCH_FOLDER'] ?? join(tmpdir(), 'offline-ota-bench'), 'inputs');
if (!existsSync(CLI)) throw new Error('npm run build comes first');
mkdirSync(folder, { recursive: true });
if (words.length === 0 || words.includes('free')) await free();
if (words.length === 0 || words.includes('paced')) await paced(Number(words.at(-1)) || 200);

async function free(): Promise<void> {
  for (const packing of ['tgz', 'tar'] as const) {
    const target = { image: image(folder, SMALL_REAL, packing), size: 640 };
    let one: Run | null = null;
    for (const count of [1, 2, 8, 16]) {
      const done = await run(
        target,
        Array.from({ length: count }, () => null),
      );
      one ??= done;
      const memory = count === 1 ? '' : mebibytes((done.peakMiB - one.peakMiB) / (count - 1));
      const ratio = (done.processor / one.processor).toFixed(2);
      const more = count === 1 ? '' : `${ratio} × the processor, ${memory} for each more`;
      show(`.${packing}, ${String(count)} without a limit`, done, more);
    }
  }
}

async function paced(size: number): Promise<void> {
  const path = join(folder, `paced-${String(size)}.tar`);
  try {
    const files = Array.from({ length: size }, (_, i) => ({
      ...{ path: `/usr/file-${String(i)}`, compress: false },
      content: () => seededBytes(i, MIB),
    }));
    writeTar(path, makeImage({ files }));
    const target = { image: path, size: Math.ceil((size + 64) * 1.1) };
    const [one, four] = [await run(target, [20]), await run(target, [20, 20, 20, 20])];
    show(`1 at 20 MB/s, ${String(size)} MiB`, one);
    show('4 at 20 MB/s', four, `${(four.seconds / one.seconds).toFixed(2)} × the time`);
    const mixed = await run(target, [20, 20, 5, 20]);
    show('4, of which the third at 5 MB/s', mixed, `named ${mixed.named.join(', ')} times`);
  } finally {
    rmSync(path, { force: true });
  }
}

function show(what: string, { seconds, processor, peakMiB }: Run, more = ''): void {
  console.log(
    `${what.padEnd(32)} ${seconds.toFixed(1)} s, ${processor.toFixed(1)} s of processor, ${mebibytes(peakMiB)}  ${more}`,
  );
}

function mebibytes(count: number): string {
  return `${count.toFixed(0)} MiB`;
}

async function run({ image: path, size }: Target, limits: readonly Limit[]): Promise<Run> {
  const devices = limits.map(() => attachLoop({ size: size * MIB, options: ['--direct-io=on'] }));
  const groups = CONTROLLERS.map(
    (name) => `/sys/fs/cgroup/${name}/many-sticks-${String(process.pid)}`,
  ) as [string, string];
  for (const group of groups) mkdirSync(group);
  try {
    for (const [index, limit] of limits.entries()) {
      const { identity } = (await devices[index]?.resolve()) ?? {};
      if (limit === null || identity === undefined) continue;
      for (const way of ['read', 'write'])
        writeFileSync(
          `${groups[0]}/blkio.throttle.${way}_bps_device`,
          `${identity.deviceNumber} ${String(limit * 1e6)}`,
        );
    }
    const paths = devices.map((device) => device.path);
    return await build(path, paths, groups);
  } finally {
    for (const group of groups) rmdirSync(group);
    for (const device of devices) device.release();
  }
}

async function build(
  path: string,
  devices: readonly string[],
  groups: readonly [string, string],
): Promise<Run> {
  const start = performance.now();
  // It waits in the groups before it becomes the program, so that all that it starts is there too.
  const script = 'for g in $0; do echo $$ > "$g/cgroup.procs"; done; exec "$@"';
  const node = [process.execPath, '--max-semi-space-size=8', CLI];
  const drives = devices.flatMap((device) => ['-w', device]);
  const args = [...node, '--json', '--image', `p1:${path}`, ...drives];
  const app = spawn(
    'sh',
    ['-c', script, groups.join(' '), ...args, '--allow-fixed', '--confirm-write-to'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let peak = 0;
  const looking = setInterval(() => (peak = Math.max(peak, memoryOf(groups[1]))), LOOK_MS);
  const lanes: (Progress | null)[] = devices.map(() => null);
  const named = devices.map(() => 0);
  const outcomes = devices.map(() => ({ request: { kind: 'drive' }, state: 'running' }) as Outcome);
  createInterface({ input: app.stdout }).on('line', (line) => {
    const event = JSON.parse(line) as CliEvent;
    if (event.kind !== 'progress' || event.drive === undefined) return;
    lanes[devices.indexOf(event.drive)] = event.progress;
    const slowest = slowestLane(outcomes, lanes);
    if (slowest !== null && event.progress.phase === 'write')
      named[slowest] = (named[slowest] ?? 0) + 1;
  });
  const [code] = (await once(app, 'close')) as [number | null];
  clearInterval(looking);
  if (code !== 0) throw new Error(`the build ended with ${String(code)}`);
  const seconds = (performance.now() - start) / 1000;
  const processor = Number(readFileSync(`${groups[1]}/cpuacct.usage`, 'utf8')) / 1e9;
  return { seconds, processor, peakMiB: peak / MIB, named };
}

/** Bytes (proc(5), smaps_rollup, Pss) of the processes of a control group; those that end meanwhile are left out. */
function memoryOf(group: string): number {
  let bytes = 0;
  for (const pid of readFileSync(`${group}/cgroup.procs`, 'utf8').trim().split('\n'))
    try {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      bytes += Number(/^Pss: +(\d+) kB$/mu.exec(text)?.[1]) * 1024;
    } catch {
      continue;
    }
  return bytes;
}
