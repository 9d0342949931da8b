/**
 * Several sticks in one run of the command line, on loop devices that the kernel slows down to the speed of sticks.
 * Needs root and the `blkio` controller of cgroup v1. Usage: many-sticks.ts [MiB of the image]
 *   1 and 4 at 20 MB/s               seconds; each of four should take at most 1.1 × the time of one
 *   3 at 20 MB/s and 1 at 5 MB/s     seconds, and which stick is named as the slowest while they are written
 *   1 and 8 without a limit          seconds of processor (at most 3 ×), memory of all processes (at most 64 MiB a stick)
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
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
import { processorSeconds } from '../test/support/test-times.ts';

const MIB = 1024 * 1024;
const mebibytes = Number(process.argv[2] ?? 400);
const MAIN = join(import.meta.dirname, '../src/main/cli/main.ts');
const BLKIO = '/sys/fs/cgroup/blkio';

/** Between two looks at the memory. Milliseconds. */
const LOOK_MS = 250;

interface Run {
  /** Until the last stick was complete. */
  readonly seconds: number;
  readonly processor: number;
  /** Of all processes at once, without what they share counted twice. */
  readonly peakMiB: number;
  /** By the position of the stick: how many of the events while it was written named it as the slowest. */
  readonly named: readonly number[];
}

const folder = mkdtempSync(join(tmpdir(), 'offline-ota-bench-sticks-'));
const image = join(folder, 'image.tar');
try {
  const files = Array.from({ length: mebibytes }, (_, i) => ({
    ...{ path: `/usr/file-${String(i)}`, compress: false },
    content: () => seededBytes(i, MIB),
  }));
  writeTar(image, makeImage({ files }));
  const [one, four] = [await run([20]), await run([20, 20, 20, 20])];
  show('1 at 20 MB/s', one);
  show('4 at 20 MB/s', four, `${(four.seconds / one.seconds).toFixed(2)} ×`);
  const mixed = await run([20, 20, 5, 20]);
  show('3 at 20 MB/s and the third of four at 5', mixed, `named ${mixed.named.join(', ')} times`);
  const [free, eight] = [await run([null]), await run(Array.from({ length: 8 }, () => null))];
  show('1 without a limit', free);
  const memory = ((eight.peakMiB - free.peakMiB) / 7).toFixed(0);
  const ratio = (eight.processor / free.processor).toFixed(2);
  show('8 without a limit', eight, `${ratio} × the processor, ${memory} MiB for each more`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function show(what: string, { seconds, processor, peakMiB }: Run, more = ''): void {
  console.log(
    `${what.padEnd(40)} ${seconds.toFixed(1)} s, ${processor.toFixed(1)} s of processor, ${peakMiB.toFixed(0)} MiB  ${more}`,
  );
}

/** @param limits of each stick, MB/s; null: as fast as it goes. */
async function run(limits: readonly (number | null)[]): Promise<Run> {
  const size = (mebibytes + 64) * MIB * 1.1;
  const devices = limits.map(() =>
    attachLoop({ size: Math.ceil(size / MIB) * MIB, options: ['--direct-io=on'] }),
  );
  const group = `${BLKIO}/many-sticks-${String(process.pid)}`;
  mkdirSync(group);
  try {
    for (const [index, limit] of limits.entries()) {
      const { identity } = (await devices[index]?.resolve()) ?? {};
      if (limit === null || identity === undefined) continue;
      for (const way of ['read', 'write'])
        writeFileSync(
          `${group}/blkio.throttle.${way}_bps_device`,
          `${identity.deviceNumber} ${String(limit * 1e6)}`,
        );
    }
    return await build(
      devices.map(({ path }) => path),
      group,
    );
  } finally {
    rmdirSync(group);
    for (const device of devices) device.release();
  }
}

async function build(paths: readonly string[], group: string): Promise<Run> {
  const processor = processorSeconds();
  const args = ['--json', '--image', `p1:${image}`, ...paths.flatMap((path) => ['-w', path])];
  // It waits in the group before it becomes the program, so that all that it starts is there too.
  const script = 'echo $$ > "$0/cgroup.procs" && exec "$@"';
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', MAIN];
  const start = performance.now();
  const app = spawn(
    'sh',
    ['-c', script, group, ...node, ...args, '--allow-fixed', '--confirm-write-to'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let peak = 0;
  const looking = setInterval(() => (peak = Math.max(peak, memoryOf(group))), LOOK_MS);
  const lanes: (Progress | null)[] = paths.map(() => null);
  const named = paths.map(() => 0);
  const outcomes = paths.map(() => ({ request: { kind: 'drive' }, state: 'running' }) as Outcome);
  createInterface({ input: app.stdout }).on('line', (line) => {
    const event = JSON.parse(line) as CliEvent;
    if (event.kind !== 'progress' || event.drive === undefined) return;
    lanes[paths.indexOf(event.drive)] = event.progress;
    const slowest = slowestLane(outcomes, lanes);
    if (slowest !== null && event.progress.phase === 'write')
      named[slowest] = (named[slowest] ?? 0) + 1;
  });
  const [code] = (await once(app, 'close')) as [number | null];
  clearInterval(looking);
  if (code !== 0) throw new Error(`the build ended with ${String(code)}`);
  const seconds = (performance.now() - start) / 1000;
  return { seconds, processor: processorSeconds() - processor, peakMiB: peak / MIB, named };
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
