/**
 * A finished image file onto a stick, beside `dd` of the same file and a read-back of as many bytes, by turns, on an
 * emulated stick (30 MB/s written, 100 MB/s read, 25 ms a seek). Needs root and /dev/fuse.
 * Usage: finished-stick.ts [MB] [files] [rounds]      at most 1.1 × the time
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { slowStick, type SlowStick } from './slow-stick.ts';
import { median, runCli, writeVersion } from './versions.ts';

const MIB = 1024 * 1024;
const [megabytes = 600, files = 30_000, rounds = 3] = process.argv.slice(2).map(Number);

const folder = mkdtempSync(
  join(process.env['BENCH_FOLDER'] ?? tmpdir(), 'offline-ota-bench-finished-'),
);
const finished = join(folder, 'finished.img');
try {
  const image = join(folder, 'image.tar');
  writeVersion(image, 0, { files, bytes: megabytes * 1e6, newOfThousand: 0 });
  await runCli(['--image', `p1:${image}`, '-o', finished]);
  const { size } = statSync(finished);
  const copies: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < rounds; round++) {
    copies.push(await onSlowStick(size, (stick) => copyAndReadBack(stick, size)));
    ours.push(await onSlowStick(size, write));
  }
  const [own, copy] = [median(ours), median(copies)];
  console.log(`${(size / 1e6).toFixed(0)} MB, ${files} files, medians of ${rounds}`);
  console.log(`dd, and as many bytes back      ${copy.toFixed(1)} s`);
  console.log(`proved, written, read back      ${own.toFixed(1)} s, ${(own / copy).toFixed(2)} ×`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** A new one each time; some larger than the image. */
async function onSlowStick(
  size: number,
  work: (stick: SlowStick) => Promise<number>,
): Promise<number> {
  const rounded = Math.ceil(size / MIB + 64) * MIB;
  const stick = await slowStick(rounded, { write: 30, read: 100, seek: 25 });
  try {
    const seconds = await work(stick);
    const { busy, seeks } = stick.cost();
    console.log(`  ${seconds.toFixed(1)} s; busy for ${busy.toFixed(1)} s, with ${seeks} seeks`);
    return seconds;
  } finally {
    await stick.release();
  }
}

async function write({ path }: SlowStick): Promise<number> {
  const options = ['--allow-fixed', '--confirm-write-to', '--no-eject'];
  const { seconds, phases } = await runCli(['--image', finished, '-w', path, ...options]);
  console.log(`  ${Array.from(phases, ([phase, s]) => `${phase} ${s.toFixed(1)}`).join(', ')}`);
  return seconds;
}

async function copyAndReadBack({ path }: SlowStick, size: number): Promise<number> {
  const start = performance.now();
  await dd(`if=${finished}`, `of=${path}`, 'oflag=direct', 'conv=fsync');
  await dd(`if=${path}`, 'of=/dev/null', 'iflag=direct,count_bytes', `count=${size}`);
  return (performance.now() - start) / 1000;
}

async function dd(...options: string[]): Promise<void> {
  const copy = spawn('dd', ['bs=4M', ...options], { stdio: 'ignore' });
  const [code] = (await once(copy, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`dd ${options.join(' ')}: exit ${String(code)}`);
}
