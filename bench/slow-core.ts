/**
 * 300,000 files onto a loop device, app and writer together on one core of which they get a share, and a
 * cancel in the middle. Needs root and cgroup v1. Usage: slow-core.ts [percent] [runs] [cancels]
 * BENCH_FOLDER is where the image is kept.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeImage } from '../test/support/image-factory.ts';
import { attachLoop } from '../test/support/loop.ts';
import { writeTar } from '../test/support/tar-writer.ts';

const FILES = 300_000;
const GIB = 1024 ** 3;
/** Microseconds in which a group gets its share. */
const PERIOD = 100_000;
const percent = Number(process.argv[2] ?? 30);
const runs = Number(process.argv[3] ?? 3);
const cancels = Number(process.argv[4] ?? 3);
const root = join(import.meta.dirname, '..');
const group = `/sys/fs/cgroup/cpu/slow-core-${String(process.pid)}`;

interface Outcome {
  readonly exit: number | null;
  readonly seconds: number;
  /** Seconds from the signal to the word that it was cancelled. */
  readonly cancelled: number | null;
  /** As `print-busiest.js` tells it. */
  readonly busiest: unknown;
  readonly last: string;
}

mkdirSync(group);
try {
  writeFileSync(`${group}/cpu.cfs_period_us`, String(PERIOD));
  writeFileSync(`${group}/cpu.cfs_quota_us`, String((PERIOD * percent) / 100));
  const image = manyFiles();
  console.log(`${FILES} files, one core at ${percent} %`);
  for (let run = 1; run <= runs; run++) console.log('build ', JSON.stringify(await build(image)));
  for (let run = 1; run <= cancels; run++)
    console.log('cancel', JSON.stringify(await build(image, (run * 9) / (cancels + 1))));
} finally {
  rmdirSync(group);
}

function manyFiles(): string {
  const folder = process.env['BENCH_FOLDER'] ?? join(tmpdir(), 'offline-ota-bench');
  const path = join(folder, 'slow-core.tar');
  mkdirSync(folder, { recursive: true });
  if (existsSync(path)) return path;
  const files = Array.from({ length: FILES }, (_, index) => ({
    path: `/usr/lib/part${index % 97}/file-${index}`,
    content: () => Buffer.from(`content of ${index}`),
    compress: false,
  }));
  writeTar(path, makeImage({ files }));
  return path;
}

/** @param cancelAfter events of progress of each phase after which it is told to end. */
async function build(image: string, cancelAfter: number | null = null): Promise<Outcome> {
  const device = attachLoop({ size: 3 * GIB });
  try {
    const began = performance.now();
    const node = [process.execPath, '--max-semi-space-size=8'];
    const script = ['--import', join(root, 'bench/print-busiest.js'), 'src/main/cli/main.ts'];
    const request = [`--image=ecu:${image}`, '-w', device.path, '--allow-fixed', '--json'];
    const words = [...node, '--disable-warning=ExperimentalWarning', ...script, ...request];
    // The shell moves itself into the group, and becomes the command.
    const shell = `echo $$ > ${group}/cgroup.procs; exec taskset -c 0 "$@"`;
    const args = ['-c', shell, 'sh', ...words, '--confirm-write-to'];
    const child = spawn('/bin/sh', args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let signalled: number | null = null;
    let cancelled: number | null = null;
    let busiest: unknown = null;
    let last = '';
    let progress = 0;
    const hear = (line: string): void => {
      const event = (line.startsWith('{') ? JSON.parse(line) : {}) as Record<string, unknown>;
      if (event['kind'] === 'busiest') busiest = event['longest'];
      else last = line.slice(0, 300);
      if (event['kind'] === 'progress') progress++;
      if (cancelAfter !== null && signalled === null && progress > 4 * cancelAfter) {
        signalled = performance.now();
        child.kill('SIGINT');
      }
      if (signalled !== null && cancelled === null && /"cancelled"/.test(line))
        cancelled = (performance.now() - signalled) / 1000;
    };
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', hear);
    const { promise, resolve } = Promise.withResolvers<number | null>();
    child.once('close', resolve);
    const exit = await promise;
    const seconds = Math.round((performance.now() - began) / 1000);
    return { exit, seconds, cancelled, busiest, last };
  } finally {
    device.release();
  }
}
