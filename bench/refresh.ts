/**
 * A stick that holds the version before is refreshed, beside a full write onto it, by turns: on an emulated stick (30
 * MB/s written, 100 MB/s read, 25 ms a seek) and on a loop device. Needs root and /dev/fuse.
 * Usage: refresh.ts [MB] [files] [new of 1,000] [rounds] [slow|loop]
 *   slow    at least 3 × faster   loop    at least 2 ×, with no more of the processor
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attachLoop } from '../test/support/loop.ts';
import { slowStick } from './slow-stick.ts';
import { median, runCli, writeVersion, type Run } from './versions.ts';

const MIB = 1024 * 1024;
const [megabytes = 4600, files = 250_000, newOfThousand = 50, rounds = 1] = process.argv
  .slice(2, 6)
  .map(Number);
const only = process.argv[6];
/** Room for the metadata of all files, and for what is new. */
const size = Math.ceil((megabytes * 1.5e6 + files * 1000) / MIB + 128) * MIB;

const folder = mkdtempSync(
  join(process.env['BENCH_FOLDER'] ?? tmpdir(), 'offline-ota-bench-refresh-'),
);
const old = join(folder, 'old.img');
const images = [0, 1].map((version) => join(folder, `${version}.tar`));
try {
  for (const [version, path] of images.entries())
    writeVersion(path, version, { files, bytes: megabytes * 1e6, newOfThousand });
  await runCli(['--image', `p1:${images[0] ?? ''}`, '-o', old, '--size', String(size)]);
  console.log(`${megabytes} MB, ${files} files, ${newOfThousand / 10} % new, ${rounds} rounds`);
  if (only !== 'loop') await compare('slow stick', slow);
  if (only !== 'slow') await compare('loop', loop);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function compare(name: string, run: (refresh: boolean) => Promise<Run>): Promise<void> {
  const all = { refresh: [] as Run[], whole: [] as Run[] };
  for (let round = 0; round < rounds; round++) {
    all.refresh.push(await run(true));
    all.whole.push(await run(false));
  }
  const seconds = (runs: readonly Run[]): number => median(runs.map((each) => each.seconds));
  const processor = (runs: readonly Run[]): number => median(runs.map((each) => each.processor));
  for (const [way, runs] of Object.entries(all))
    console.log(
      `${name}, ${way.padEnd(8)} ${seconds(runs).toFixed(1)} s, ${processor(runs).toFixed(1)} s of processor  ${phasesOf(runs)}`,
    );
  const times = (of: (runs: readonly Run[]) => number): string =>
    `${(of(all.whole) / of(all.refresh)).toFixed(2)} ×`;
  console.log(`${name}: ${times(seconds)} faster, ${times(processor)} less of the processor`);
}

function phasesOf([first]: readonly Run[]): string {
  return Array.from(first?.phases ?? [], ([phase, s]) => `${phase} ${s.toFixed(1)}`).join(', ');
}

async function slow(refresh: boolean): Promise<Run> {
  const stick = await slowStick(size, { write: 30, read: 100, seek: 25 });
  try {
    fill(stick.file);
    const run = await write(stick.path, refresh);
    const { busy, seeks } = stick.cost();
    console.log(`  the stick was busy for ${busy.toFixed(1)} s, with ${seeks} seeks`);
    return run;
  } finally {
    await stick.release();
  }
}

async function loop(refresh: boolean): Promise<Run> {
  const device = attachLoop({ size, options: ['--direct-io=on'], fill });
  try {
    return await write(device.path, refresh);
  } finally {
    device.release();
  }
}

/** The version before is on it, and nothing is left to be written. */
function fill(file: string): void {
  execFileSync('cp', ['--sparse=always', old, file]);
  execFileSync('sync');
}

async function write(device: string, refresh: boolean): Promise<Run> {
  execFileSync('blockdev', ['--flushbufs', device]);
  // In memory, as after the look at it in the window.
  execFileSync('sh', ['-c', 'cat "$0" > /dev/null', images[1] ?? '']);
  const how = refresh ? ['--refresh'] : [];
  const run = await runCli([
    ...['--image', `p1:${images[1] ?? ''}`, '-w', device, ...how],
    ...['--allow-fixed', '--confirm-write-to', '--no-eject'],
  ]);
  const last = run.events.findLast(({ kind }) => kind === 'done');
  const result = last?.kind === 'done' ? last.result.outcomes[0]?.refresh : undefined;
  if (refresh && result?.kind !== 'refreshed') throw new Error(JSON.stringify(result));
  return run;
}
