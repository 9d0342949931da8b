import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { CliEvent } from '../test/support/cli.ts';
import { makeImage, seededBytes, type ImageFile } from '../test/support/image-factory.ts';
import { writeTar } from '../test/support/tar-writer.ts';
import { processorSeconds } from '../test/support/test-times.ts';

const MIB = 1024 * 1024;
/** What all contents are cut from: making each by itself would take longer than what is measured. */
const NOISE = seededBytes(1, 64 * MIB);
const LARGEST = 8 * MIB;

/** Bytes that no other seed has. */
function contentOf(seed: number, length: number): Buffer {
  const at = (seed * 7919) % (NOISE.length - LARGEST);
  const bytes = Buffer.from(NOISE.subarray(at, at + length));
  bytes.writeUInt32LE(seed, 0);
  return bytes;
}

/**
 * Writes an image of a version: of each 1,000 files, so many are others than in the version before. One file of a
 * hundred has half of all bytes.
 */
export function writeVersion(
  path: string,
  version: number,
  { files, bytes, newOfThousand }: { files: number; bytes: number; newOfThousand: number },
): void {
  const mean = bytes / files;
  const list = Array.from({ length: files }, (_, index): ImageFile => {
    const isNew = (index * 389) % 1000 < newOfThousand;
    const seed = isNew ? files * (version + 1) + index : index;
    const share = index % 100 === 0 ? 50 : 0.505;
    const length =
      8 + Math.min(LARGEST - 8, Math.round(mean * share * (0.5 + ((index * 31) % 100) / 100)));
    return {
      path: `/opt/${index % 500}/${index}`,
      content: () => contentOf(seed, length),
      compress: false,
    };
  });
  writeTar(path, makeImage({ files: list }));
}

export interface Run {
  readonly seconds: number;
  /** Of the processor, for all processes of the command. */
  readonly processor: number;
  /** Seconds by phase. */
  readonly phases: ReadonlyMap<string, number>;
  readonly events: readonly CliEvent[];
}

const MAIN = join(import.meta.dirname, '../src/main/cli/main.ts');

/** Runs the command line with `--json`. @throws where it fails */
export async function runCli(args: readonly string[]): Promise<Run> {
  const processor = processorSeconds();
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  const app = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', MAIN, '--json', ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const phases = new Map<string, number>();
  const events: CliEvent[] = [];
  let last = { phase: 'start', at: 0 };
  const enter = (phase: string): void => {
    phases.set(last.phase, (phases.get(last.phase) ?? 0) + seconds() - last.at);
    last = { phase, at: seconds() };
  };
  createInterface({ input: app.stdout }).on('line', (line) => {
    const event = JSON.parse(line) as CliEvent;
    if (event.kind === 'progress') {
      if (event.progress.phase !== last.phase) enter(event.progress.phase);
    } else events.push(event);
  });
  const [code] = (await once(app, 'close')) as [number | null];
  if (code !== 0) throw new Error(`exit ${String(code)}: ${JSON.stringify(events.at(-1))}`);
  enter('end');
  return { seconds: seconds(), processor: processorSeconds() - processor, phases, events };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
