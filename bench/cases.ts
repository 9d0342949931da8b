import { execFileSync } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { attachLoop } from '../test/support/loop.ts';
import { hugeImage, image, type Packing, type Shape } from './images.ts';
import { measure, timed, type Cost } from './measure.ts';

/** Things that are measured beside each other: name → one run of it. */
export interface Case {
  readonly name: string;
  readonly title: string;
  /** Read before each way, so that all find them in memory. */
  readonly inputs: readonly string[];
  /** Each way begins with an empty work folder. The floor is the slowest of those named `floor: …`. */
  readonly ways: Readonly<Record<string, () => Cost>>;
  /** Of the ways: the one that takes minutes, and in how many rounds it runs once. */
  readonly rare: { readonly way: string; readonly every: number };
  readonly release?: () => void;
}

export interface Places {
  /** Where inputs are kept from run to run. */
  readonly inputs: string;
  /** For outputs; emptied between runs. */
  readonly work: string;
}

/** The pair of images of a vehicle: some files small, most bytes in few, metadata last. */
export const PAIR: readonly Shape[] = [
  { name: 'small', seed: 1, files: 12_000, bytes: 0.8e9, compressed: 1 / 3 },
  { name: 'large', seed: 2, files: 42_000, bytes: 1.8e9, compressed: 1 / 3 },
];
/** The smaller one of {@link REAL}. */
export const SMALL_REAL: Shape = {
  ...{ name: 'real-small', seed: 5, files: 13_000, bytes: 0.31e9, compressed: 0.7 },
  plainForms: true,
};
/**
 * In the proportions of two images of real systems: most bytes are stored compressed, and of these files the
 * plain forms are there as well, two thirds of what is in data/, which no line asks for.
 */
const REAL: readonly Shape[] = [
  SMALL_REAL,
  { name: 'real-large', seed: 6, files: 36_000, bytes: 0.89e9, compressed: 0.7, plainForms: true },
];
export const MANY: Shape = { name: 'many', seed: 3, files: 300_000, bytes: 0.6e9, compressed: 0.1 };
const THIRD: Shape = { name: 'third', seed: 4, files: 100_000, bytes: 0.2e9, compressed: 0.1 };

const HERE = import.meta.dirname;
/** The command line as it is shipped. */
export const CLI = join(HERE, '..', 'out', 'main', 'cli.js');
/** As in the first line of {@link CLI}. */
export const NODE_FLAGS = ['--max-semi-space-size=8', '--disable-warning=ExperimentalWarning'];
const STICK_BYTES = 8 * 1024 ** 3;

const CLASSIC_TAR = 'classic → tar';
/** What a machine can do of the floor's parts when they have to share it. */
export const AT_ONCE = 'all of the floor at once';
const CLASSIC_DEVICE = 'classic → device';
/** It takes a minute and more each time, and is many times slower than what its figure is for. */
const CLASSIC_EVERY = 3;

/** Name → the case, made only when it is asked for: making its images takes a while. */
export const CASES: Readonly<Record<string, (places: Places) => Case>> = {
  tgz: (places) => pair(places, 'tgz'),
  'tar.zst': (places) => pair(places, 'tar.zst'),
  tar: (places) => pair(places, 'tar'),
  device: stick,
  'real.tgz': (places) => real(places, 'tgz'),
  'real.tar.zst': (places) => real(places, 'tar.zst'),
  'real.tar': (places) => real(places, 'tar'),
  many,
  huge,
};

function pair({ inputs, work }: Places, packing: Packing): Case {
  const images = PAIR.map((shape) => image(inputs, shape, packing));
  const plain = PAIR.map((shape) => image(inputs, shape, 'tar'));
  const bytes = plain.reduce((sum, path) => sum + statSync(path).size, 0);
  const unpack = packing === 'tar' ? [] : images.map((path) => `--unpack=${path}`);
  const prove = plain.map((path) => `--prove=${path}`);
  const write = [`--write=${bytes}`];
  return {
    name: packing,
    inputs: [...images, ...plain],
    rare: { way: CLASSIC_TAR, every: CLASSIC_EVERY },
    title: `two .${packing}, ${sizes(images)}`,
    ways: {
      'ours → tar': () => ours(work, images, 'out.tar'),
      'ours → img': () => ours(work, images, 'out.img'),
      [CLASSIC_TAR]: () => classic(work, 'out.tar', images),
      ...(unpack.length === 0 ? {} : { 'floor: unpack': () => floor(work, unpack) }),
      'floor: prove': () => floor(work, prove),
      'floor: write': () => floor(work, write),
      [AT_ONCE]: () => floor(work, [...unpack, ...prove, ...write]),
    },
  };
}

/** Needs root. The loop device uses a file of its own and is taken down again. */
function stick({ inputs, work }: Places): Case {
  const images = PAIR.map((shape) => image(inputs, shape, 'tar'));
  const device = attachLoop({ size: STICK_BYTES, options: ['--direct-io=on'] });
  const { path } = device;
  const options = ['-w', path, '--allow-fixed', '--confirm-write-to', '--no-eject'];
  return {
    name: 'device',
    inputs: images,
    rare: { way: CLASSIC_DEVICE, every: CLASSIC_EVERY },
    title: `two .tar onto a loop device, ${sizes(images)}`,
    ways: {
      'ours → device, checked before and read back after': () => cli(work, images, options),
      [CLASSIC_DEVICE]: () => classic(work, path, images),
    },
    release: () => device.release(),
  };
}

/** To every kind of output; needs root. */
function real({ inputs, work }: Places, packing: Packing): Case {
  const images = REAL.map((shape) => image(inputs, shape, packing));
  const device = attachLoop({ size: STICK_BYTES, options: ['--direct-io=on'] });
  const { path } = device;
  const options = ['-w', path, '--allow-fixed', '--confirm-write-to', '--no-eject'];
  return {
    name: `real.${packing}`,
    inputs: images,
    rare: { way: CLASSIC_DEVICE, every: CLASSIC_EVERY },
    title: `two .${packing} as real ones are, ${sizes(images)}`,
    ways: {
      'ours → tar': () => ours(work, images, 'out.tar'),
      'ours → img': () => ours(work, images, 'out.img'),
      'ours → device': () => cli(work, images, options),
      [CLASSIC_TAR]: () => classic(work, 'out.tar', images),
      [CLASSIC_DEVICE]: () => classic(work, path, images),
    },
    release: () => device.release(),
  };
}

function many({ inputs, work }: Places): Case {
  const [third, whole] = [THIRD, MANY].map((shape) => image(inputs, shape, 'tar'));
  if (third === undefined || whole === undefined) throw new Error('two shapes make two images');
  return {
    name: 'many',
    inputs: [third, whole],
    rare: { way: CLASSIC_TAR, every: Infinity },
    title: `one .tar with 300,000 files, ${sizes([whole])}`,
    ways: {
      'ours: inspect': () => measureCli(work, ['inspect', whole]),
      'ours → tar': () => ours(work, [whole], 'out.tar'),
      'ours → img': () => ours(work, [whole], 'out.img'),
      '100,000 files, a third of the bytes: ours → tar': () => ours(work, [third], 'out.tar'),
      [CLASSIC_TAR]: () => classic(work, 'out.tar', [whole]),
    },
  };
}

function huge({ inputs, work }: Places): Case {
  const path = hugeImage(inputs);
  return {
    name: 'huge',
    // Ten gigabytes of holes: reading them would put everything else out of memory.
    inputs: [],
    rare: { way: '', every: 1 },
    title: `one .tar with four files, ${sizes([path])}`,
    ways: {
      'ours: inspect': () => measureCli(work, ['inspect', path]),
      'tar tf': () => measure('tar', ['tf', path], work),
    },
  };
}

function ours(work: string, images: readonly string[], output: string): Cost {
  const path = join(work, output);
  const cost = cli(work, images, ['-o', path]);
  const { blocks } = statSync(path);
  rmSync(path);
  return { ...cost, outputBytes: blocks * 512 };
}

function cli(work: string, images: readonly string[], output: readonly string[]): Cost {
  const options = images.flatMap((path, i) => ['--image', `ecu${i}:${path}`]);
  return measureCli(work, ['-q', ...options, ...output]);
}

function measureCli(work: string, args: readonly string[]): Cost {
  return measure(process.execPath, [...NODE_FLAGS, CLI, ...args], work);
}

function classic(work: string, target: string, images: readonly string[]): Cost {
  const folder = join(HERE, 'classic');
  const args = [join(folder, 'build.sh'), process.execPath, folder, target, ...images];
  return measure('bash', args, work);
}

/** The script's own clock: neither the start of Node nor what it prepares counts. */
function floor(work: string, args: readonly string[]): Cost {
  const script = [...NODE_FLAGS, join(HERE, 'floor.ts'), ...args];
  return timed(Number(execFileSync(process.execPath, script, { cwd: work, encoding: 'utf8' })));
}

function sizes(paths: readonly string[]): string {
  const gigabytes = (path: string): string => (statSync(path).size / 1e9).toFixed(2);
  return `${paths.map(gigabytes).join(' and ')} GB`;
}
