/**
 * Builds in a row in one process, random but the same for the same seed, a third of them cancelled somewhere.
 * Started with --expose-gc. Arguments: builds, seed, a folder to work in, and a loop device or nothing. Prints
 * what the process holds after the tenth build and after the last.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import {
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { setTimeout as sleep } from 'node:timers/promises';
import { resolveDevice } from '../../src/main/drives/resolve-device.ts';
import { systemDrives } from '../../src/main/drives/system-drives.ts';
import { openStickTargets } from '../../src/main/elevation/stick-target.ts';
import { checkoutEntries, findWriterProgram } from '../../src/main/elevation/writer-program.ts';
import { build, openedTogether, checkTarget } from '../../src/main/jobs/index.ts';
import { toErrorData } from '../../src/shared/errors.ts';
import type { ImageRequest, OutputRequest } from '../../src/shared/model/job.ts';
import { PHASES } from '../../src/shared/model/progress.ts';
import { randomSource } from '../support/ext4/plans.ts';
import {
  makeImage,
  makePki,
  packImage,
  sampleFiles,
  unpackImage,
} from '../support/image-factory.ts';

/** What a process holds; everything but the memory must be the same later. */
export interface Holdings {
  /** What open files are, without numbers that change. */
  readonly files: readonly string[];
  readonly threads: number;
  readonly resources: readonly string[];
  readonly children: string;
  /** What builds left in the folder for outputs. */
  readonly left: readonly string[];
  /** Bytes. */
  readonly heap: number;
  readonly resident: number;
}

export interface LongRun {
  readonly early: Holdings;
  readonly late: Holdings;
  readonly outcomes: Readonly<Record<string, number>>;
}

const [builds = 50, seed = 1] = process.argv.slice(2, 4).map(Number);
const [folder = '', device] = process.argv.slice(4);
const random = randomSource(seed);
const pick = <Item>(items: readonly Item[]): Item => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError('nothing to pick');
  return item;
};
const kept: unknown[] = [];
let sleeper: ChildProcess | null = null;
const KINDS = ['tar', 'img', 'folder'] as const;
const out = join(folder, 'out');
mkdirSync(out);

/** The second build on uses the same files; images themselves are no part of what is measured. */
const images = makeImages();
const outcomes: Record<string, number> = {};
let early: Holdings | null = null;
for (let i = 0; i < builds; i++) {
  const outcome = await buildOnce(i);
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  if (i === 9) early = await holdings();
  if (i === 10 && process.env['LEAK'] === '1') leak();
}
const late = await holdings();
const report: LongRun = { early: early ?? late, late, outcomes };
process.send?.(report, () => {
  // Without a leak nothing keeps this process: it must end by itself.
  process.disconnect();
  if (kept.length > 0) process.exit(sleeper?.kill() === true ? 0 : 1);
});

/** One of each kind, to show that they are seen. */
function leak(): void {
  openSync('/dev/null', 'r');
  new Worker('setInterval(() => {}, 1000)', { eval: true }).unref();
  sleeper = spawn('sleep', ['60'], { stdio: 'ignore' });
  setInterval(() => undefined, 1000);
  writeFileSync(join(out, '.left.partial'), '');
  kept.push(
    Array.from({ length: 2_000_000 }, (_, i) => i + 0.5),
    Buffer.alloc(2 ** 27, 1),
  );
}

function makeImages(): string[] {
  const { signer } = makePki('long');
  const paths: string[] = [join(import.meta.dirname, '../fixtures/samples-v1/v1_a.zip')];
  for (const [i, compression] of (['none', 'gzip', 'zstd', 'bzip2'] as const).entries()) {
    const members = makeImage({ files: sampleFiles(i + 1), identity: signer });
    const path = join(folder, `image.${compression}`);
    writeFileSync(path, packImage(members, { compression }));
    paths.push(path);
    // A blob that is wrong: some builds fail by themselves.
    const wrong = packImage(members, { compression: 'none' });
    wrong.fill(0x5a, wrong.length - 30_000, wrong.length - 29_000);
    if (i === 0) writeFileSync(join(folder, 'image.wrong'), wrong);
    if (i === 1) unpackImage(members, join(folder, 'image.folder'));
  }
  return [...paths, join(folder, 'image.wrong'), join(folder, 'image.folder')];
}

async function buildOnce(i: number): Promise<string> {
  const chosen = [...new Set([pick(images), pick(images)])];
  const toStick = device !== undefined && i % 10 === 5;
  const outputs: OutputRequest[] = toStick ? [await stick(device)] : [];
  for (const kind of toStick ? (['tar'] as const) : [pick(KINDS), pick(KINDS)]) {
    const path = join(out, `${i}.${outputs.length}`);
    outputs.push(kind === 'img' ? { kind, path, size: null } : { kind, path });
  }
  const stop = new AbortController();
  const cancelAt = random() < 0.35 ? pick(PHASES) : null;
  const after = 1 + Math.floor(random() * 3);
  let seen = 0;
  try {
    await build(
      {
        ...{ images: chosen.map(requestOf), outputs, caDir: null, checkSignature: false },
        timestamp: i,
      },
      {
        signal: stop.signal,
        onProgress({ phase }) {
          if (phase === cancelAt && ++seen === after) stop.abort();
        },
        openDrives: (requests) =>
          openedTogether(
            openStickTargets(requests, {
              program: findWriterProgram(checkoutEntries(), 'write'),
              signal: stop.signal,
            }),
          ),
      },
    );
    for (const output of outputs)
      if (output.kind !== 'drive') await expectComplete(output.path, stop);
    return toStick ? 'stick' : 'done';
  } catch (error) {
    const { code } = toErrorData(error);
    if (code === 'internal' || code === 'verify-failed') throw error;
    return code;
  } finally {
    // What is complete may stay; what is not must have gone by itself, hidden names included.
    for (const output of outputs)
      if (output.kind !== 'drive') rmSync(output.path, { recursive: true, force: true });
  }
}

function requestOf(path: string, i: number): ImageRequest {
  const ecuId = path.endsWith('.zip') ? null : `ecu${i}`;
  return { path, ecuId, version: null, releaseKey: null };
}

async function stick(path: string): Promise<OutputRequest> {
  const { identity } = await resolveDevice(systemDrives, path);
  return { kind: 'drive', identity, allowFixed: true, eject: false };
}

async function expectComplete(path: string, { signal }: AbortController): Promise<void> {
  const report = await checkTarget(path, { signal, onProgress: () => undefined });
  if (!report.complete) throw new Error(`${path}: ${JSON.stringify(report.faults[0])}`);
}

async function holdings(): Promise<Holdings> {
  // Threads and sockets end a little after they were asked to.
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.();
    await sleep(150);
  }
  const { heapUsed, rss } = process.memoryUsage();
  return {
    files: readdirSync('/proc/self/fd')
      .map(fileOf)
      .filter((file) => file !== '')
      .sort(),
    threads: readdirSync('/proc/self/task').length,
    resources: process.getActiveResourcesInfo().sort(),
    children: readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8'),
    left: readdirSync(out),
    heap: heapUsed,
    resident: rss,
  };
}

/** Empty for the folder of /proc that is being listed. */
function fileOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).replace(/\[\d+\]$/, '');
  } catch {
    return '';
  }
}
