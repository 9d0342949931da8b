import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tmpFolder } from '../../../test/support/tmp.ts';
import type { BuilderError } from '../../shared/errors.ts';
import type { BuildRequest } from '../../shared/model/job.ts';
import type { Phase, Progress } from '../../shared/model/progress.ts';
import { MemoryTarget } from '../../../test/support/memory-target.ts';
import { ProvenContents } from '../engine/plan/proven-contents.ts';
import { build } from './build.ts';
import type { DriveTarget } from '../engine/target/drive-target.ts';
import type { JobContext, KnownImage } from './context.ts';
import { inspectImages } from './inspect.ts';

const SAMPLES = join(import.meta.dirname, '../../../test/fixtures/samples');
const SIZE = 64 * 1024 * 1024;

class MemoryDrive extends MemoryTarget implements DriveTarget {
  eject(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

function requestFor(path: string): BuildRequest {
  const identity = {
    path: '/dev/stick',
    serial: '1',
    model: 'Stick',
    size: SIZE,
    transport: 'usb',
    deviceNumber: '8:0',
    generation: '1',
  };
  return {
    images: [{ path, ecuId: 'p1', version: '1', releaseKey: null }],
    outputs: [{ kind: 'drive', identity, allowFixed: false, eject: false }],
    caDir: null,
    checkSignature: true,
    timestamp: 1_700_000_000,
  };
}

/** Bytes that each phase went through, and whether the drive was opened at all. */
async function run(path: string, known: readonly KnownImage[], cancelAt: Phase | null = null) {
  const cancel = new AbortController();
  const seen = new Map<string, number>();
  let opened = false;
  const context: JobContext = {
    signal: cancel.signal,
    onProgress: ({ phase, bytesDone }: Progress) => {
      seen.set(phase, bytesDone);
      if (phase === cancelAt) cancel.abort();
    },
    known,
    openDrives: () => {
      opened = true;
      return Promise.resolve([new MemoryDrive(new Uint8Array(SIZE), { blockSize: 512 })]);
    },
  };
  const result = await build(requestFor(path), context).catch((error: unknown) => error);
  return { seen, result, opened };
}

async function inspected(path: string): Promise<KnownImage> {
  const [image] = await inspectImages(
    { paths: [path], caDir: null, checkSignature: true },
    { signal: new AbortController().signal, onProgress: () => undefined },
  );
  if (image === undefined) throw new Error('nothing was inspected');
  return { image, proven: new ProvenContents() };
}

test('what is known of an image is not read again before the stick is written', async () => {
  const path = join(SAMPLES, 'p1_image.tgz');
  const known = await inspected(path);
  const anew = await run(path, []);
  const again = await run(path, [known]);
  const half = await run(path, [{ ...known, proven: null }]);
  for (const { result } of [anew, again, half])
    expect(result).toMatchObject({ outcomes: [{ verified: true }] });
  const bytes = (outcome: typeof anew, phase: string): number => outcome.seen.get(phase) ?? 0;
  expect(bytes(anew, 'inspect')).toBeGreaterThan(0);
  // It is compressed, so its contents were hashed while it was inspected.
  expect(bytes(anew, 'check')).toBe(0);
  expect([bytes(again, 'inspect'), bytes(again, 'check')]).toEqual([0, 0]);
  expect(bytes(half, 'inspect')).toBe(0);
  expect(bytes(half, 'check')).toBeGreaterThan(0);
  expect(bytes(again, 'write')).toBe(bytes(anew, 'write'));
  expect(bytes(again, 'verify')).toBe(bytes(anew, 'verify'));
});

test('an image that changed since is read again, and its fault found before the stick is touched', async () => {
  const path = join(tmpFolder(), 'image.tar.zst');
  copyFileSync(join(SAMPLES, 'p2_image.tar.zst'), path);
  const known = await inspected(path);
  expect((await run(path, [known])).opened).toBe(true);
  const bytes = readFileSync(path);
  bytes[1_000_000] = (bytes[1_000_000] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  const { opened, result } = await run(path, [known]);
  expect((result as BuilderError).code).toMatch(/^(archive|blob)-corrupt$/);
  expect(opened).toBe(false);
});

test('a build that was cancelled opens no drive, even where nothing is left to be checked', async () => {
  const path = join(SAMPLES, 'p1_image.tgz');
  const { opened, result } = await run(path, [await inspected(path)], 'check');
  expect(result).toMatchObject({ name: 'AbortError' });
  expect(opened).toBe(false);
});
