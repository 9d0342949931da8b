import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { image, type Packing, type Shape } from './images.ts';
import { measure, medianCost, type Cost } from './measure.ts';

// Our build beside the classic way and the floor, interleaved, medians. Usage:
//   node bench/run.ts [runs] [tgz|tar.zst|tar|many|loop]…
// BENCH_FOLDER is where inputs (kept) and outputs (removed) stand; a tmpfs takes the disk out of it.

const PAIR: readonly Shape[] = [
  { name: 'small', seed: 1, files: 12_000, bytes: 0.8e9, compressed: 1 / 3 },
  { name: 'large', seed: 2, files: 42_000, bytes: 1.8e9, compressed: 1 / 3 },
];
const MANY: Shape = { name: 'many', seed: 3, files: 300_000, bytes: 0.6e9, compressed: 0.1 };

const folder = process.env['BENCH_FOLDER'] ?? join(tmpdir(), 'offline-ota-bench');
const inputs = join(folder, 'inputs');
const here = import.meta.dirname;
const cli = join(here, '..', 'src', 'main', 'cli', 'main.ts');
const NODE_FLAGS = ['--max-semi-space-size=4', '--disable-warning=ExperimentalWarning'];

const [runsText = '5', ...wanted] = process.argv.slice(2);
const runs = Number(runsText);
mkdirSync(inputs, { recursive: true });
const work = mkdtempSync(join(folder, 'work-'));
const results: Record<string, Record<string, Cost>> = {};
try {
  for (const packing of ['tgz', 'tar.zst', 'tar'] as const)
    if (isWanted(packing)) results[packing] = comparePair(packing);
  if (isWanted('many')) results['300,000 files'] = compareMany();
  if (isWanted('loop')) results['loop device'] = compareLoop();
} finally {
  rmSync(work, { recursive: true, force: true });
}
report();

function isWanted(name: string): boolean {
  return wanted.length === 0 || wanted.includes(name);
}

function comparePair(packing: Packing): Record<string, Cost> {
  const images = PAIR.map((shape) => image(inputs, shape, packing));
  const plain = PAIR.map((shape) => image(inputs, shape, 'tar'));
  const ways: Record<string, () => Cost> = {
    'ours → tar': () => ours(images, ['-o', 'out.tar']),
    'ours → img': () => ours(images, ['-o', 'out.img']),
    'classic → tar': () => classic('out.tar', images),
    'floor: prove': () => prove(plain),
    'floor: write': () => script('floor.ts', ['write', String(totalSize(plain)), 'out.raw']),
  };
  if (packing === 'tgz') ways['floor: inflate'] = () => script('floor.ts', ['inflate', ...images]);
  return interleave(ways);
}

function compareMany(): Record<string, Cost> {
  const path = image(inputs, MANY, 'tar');
  return interleave({
    'ours: inspect': () => measure(process.execPath, [...NODE_FLAGS, cli, 'inspect', path], work),
    'tar tf': () => measure('tar', ['tf', path], work),
    'ours → tar': () => ours([path], ['-o', 'out.tar']),
    'ours → img': () => ours([path], ['-o', 'out.img']),
    'classic → tar': () => classic('out.tar', [path]),
  });
}

/** Needs root. The loop device stands on a file of its own and is taken down again. */
function compareLoop(): Record<string, Cost> {
  const images = PAIR.map((shape) => image(inputs, shape, 'tar'));
  const backing = join(work, 'stick.raw');
  execFileSync('truncate', ['--size=8G', backing]);
  const device = execFileSync('losetup', ['--find', '--show', '--direct-io=on', backing], {
    encoding: 'utf8',
  }).trim();
  const requests: Record<string, number[]> = {};
  const counted = (name: string, way: () => Cost) => () => {
    const before = writeRequests(device);
    const cost = way();
    (requests[name] ??= []).push(writeRequests(device) - before);
    return cost;
  };
  try {
    const write = ['-w', device, '--allow-fixed', '--confirm-write-to', '--no-eject'];
    const costs = interleave({
      'ours → device (with check and read-back)': counted('ours', () => ours(images, write)),
      'classic → device': counted('classic', () => classic(device, images)),
    });
    console.error('write requests', requests);
    return costs;
  } finally {
    execFileSync('losetup', ['--detach', device]);
  }
}

/** Field 5 of /sys/block/<dev>/stat: write I/Os processed (kernel: Documentation/block/stat.rst). */
function writeRequests(device: string): number {
  const stat = readFileSync(`/sys/block/${device.replace('/dev/', '')}/stat`, 'utf8');
  return Number(stat.trim().split(/\s+/)[4]);
}

function ours(images: readonly string[], output: readonly string[]): Cost {
  const options = images.flatMap((path, i) => ['--image', `ecu${i}:${path}`]);
  return measure(process.execPath, [...NODE_FLAGS, cli, '-q', ...options, ...output], work);
}

function classic(target: string, images: readonly string[]): Cost {
  const build = join(here, 'classic', 'build.sh');
  const args = [process.execPath, join(here, 'classic'), target, ...images];
  return measure('bash', [build, ...args], work);
}

function script(name: string, args: readonly string[]): Cost {
  return measure(process.execPath, [...NODE_FLAGS, join(here, name), ...args], work);
}

/** Only the proving itself counts, so the script's own clock is taken. */
function prove(images: readonly string[]): Cost {
  const args = [...NODE_FLAGS, join(here, 'floor.ts'), 'prove', ...images];
  const seconds = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
  return { seconds, cpuSeconds: Number.NaN, peakMiB: Number.NaN };
}

function interleave(ways: Record<string, () => Cost>): Record<string, Cost> {
  const costs: Record<string, Cost[]> = {};
  for (let run = 1; run <= runs; run++)
    for (const [name, way] of Object.entries(ways)) {
      for (const left of ['out.tar', 'out.img', 'out.raw'])
        rmSync(join(work, left), { force: true });
      const cost = way();
      (costs[name] ??= []).push(cost);
      console.error(`${run}/${runs} ${name}: ${cost.seconds.toFixed(2)} s`);
    }
  return Object.fromEntries(Object.entries(costs).map(([name, each]) => [name, medianCost(each)]));
}

function totalSize(paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + statSync(path).size, 0);
}

function report(): void {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
  const lines = [`${machine}; medians of ${runs} interleaved runs`, ''];
  for (const [name, costs] of Object.entries(results)) {
    lines.push(`| ${name} | seconds | CPU seconds | peak MiB |`, '|---|---|---|---|');
    for (const [way, { seconds, cpuSeconds, peakMiB }] of Object.entries(costs))
      lines.push(`| ${way} | ${seconds.toFixed(2)} | ${figure(cpuSeconds)} | ${figure(peakMiB)} |`);
    lines.push('');
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  writeFileSync(join(folder, 'results.json'), JSON.stringify({ machine, runs, results }, null, 2));
}

function figure(value: number): string {
  return Number.isNaN(value) ? '' : value.toFixed(0);
}
