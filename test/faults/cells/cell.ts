import { appendFileSync, copyFileSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import type { ErrorCode } from '../../../src/shared/errors.ts';
import { PHASES, type Phase } from '../../../src/shared/model/progress.ts';
import { seededBytes, withContent, zstd } from '../../support/image-factory.ts';
import { faultyFs, type FsCall } from '../faulty-fs.ts';
import { goodImage, goodTar, type After, type OutputName, type World } from '../world.ts';

/** Where a build is when the fault comes: a phase of the job, or what lies between two. */
export type Stage = Phase | 'plan' | 'open';
export const STAGES: readonly Stage[] = ['inspect', 'plan', 'check', 'open', ...PHASES.slice(2)];

/** One fault at one stage, with the error that is reported and the outputs that are left. */
export interface Cell {
  readonly stage: Stage;
  readonly fault: string;
  /** null: it is no failure. */
  readonly code: ErrorCode | null;
  /** All of these are built at once; what each is afterwards. */
  readonly after: Partial<Readonly<Record<OutputName, After>>>;
  /** How the image is packed. Default: not at all. */
  readonly image?: 'none' | 'gzip';
  readonly inject: (world: World) => void;
}

export const NONE = { tar: 'nothing', img: 'nothing', folder: 'nothing' } as const;
export const BEFORE = { ...NONE, stick: 'untouched' } as const;
export const DURING = { ...NONE, stick: 'unrecognisable' } as const;
/** Files are complete before the stick is proved. */
export const FILES_DONE = {
  tar: 'complete',
  img: 'complete',
  folder: 'complete',
  stick: 'unrecognisable',
} as const;
export const DONE = { ...FILES_DONE, stick: 'complete' } as const;

export const members =
  (edit: (image: ReturnType<typeof goodImage>) => ReturnType<typeof goodImage>) => (world: World) =>
    world.saveImage(edit(goodImage()), 'none');
export const bytes =
  (edit: (tar: Buffer) => Uint8Array, pack: 'none' | 'gzip' = 'none') =>
  (world: World) =>
    world.saveImage(edit(goodTar()), pack);
export const system =
  (call: FsCall, path: string, errno: string, after = 0) =>
  () =>
    faultyFs.arm({ call, path, errno, after });
export const cancelled = (phase: Phase) => (world: World) =>
  world.when(phase, () => world.cancel());

export function flip(content: Buffer, at: number): Buffer {
  content[at] = (content[at] ?? 0) ^ 1;
  return content;
}

/** What may happen to an image between two looks at it. */
export const CHANGES: readonly [string, ErrorCode, (path: string) => void][] = [
  ['grows', 'input-changed', (path) => appendFileSync(path, Buffer.alloc(512))],
  ['shrinks', 'input-changed', (path) => truncateSync(path, Math.floor(statSync(path).size / 2))],
  ['disappears', 'input-not-found', (path) => rmSync(path)],
  [
    'is replaced by an equal one',
    'input-changed',
    (path) => {
      copyFileSync(path, `${path}.copy`);
      renameSync(`${path}.copy`, path);
    },
  ],
];

export const wrongBlob = members((image) =>
  withContent(image, 'data/usr/large', (content) =>
    Buffer.from(content).fill(1, 1_500_000, 1_500_001),
  ),
);
export const wrongZst = members((image) => {
  const name = image.find((member) => member.name.startsWith('data.zst/'))?.name ?? '';
  return withContent(image, name, () => zstd(seededBytes(14, 90_000, 'text'), 3));
});
