import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { serveJob, type FakeDevice } from '../../../test/support/fake-writer.ts';
import { tmpFolder } from '../../../test/support/tmp.ts';
import { builderError, toErrorData } from '../../shared/errors.ts';
import type { DriveIdentity } from '../../shared/model/drive.ts';
import { settleEarly } from '../jobs/settle-early.ts';
import type { JobFolder } from './job-folder.ts';
import type { StartedLauncher } from './launcher-process.ts';
import type { DriveTarget } from '../engine/target/drive-target.ts';
import { openStickTarget } from './stick-target.ts';
import type { WriterProgram } from './writer-program.ts';

/** The writer without elevation, over a file; `slow` is what a test sets. */
vi.mock('./start-launcher.ts', () => ({
  startLauncher: (_program: WriterProgram, { path, jobs }: JobFolder): StartedLauncher => {
    const served = jobs.map(({ name }) => serveJob(path, name, slow));
    const ended = Promise.all(served).then(() => builderError('writer-lost', { drive: 'Stick' }));
    const nothing = (): void => undefined;
    return { ended, writerEnded: () => ended, connected: nothing, kill: nothing };
  },
}));

const SIZE = 8 * 1024 * 1024;
const BLOCK = Buffer.alloc(4096, 'label');
const slow: FakeDevice = { milliseconds: 0, fails: false, unreadable: null, ejected: 0 };

afterEach(
  () => void Object.assign(slow, { milliseconds: 0, fails: false, unreadable: null, ejected: 0 }),
);

/** A job that completes a stick, as a build does after it has read everything back. */
function job(complete: (target: DriveTarget, cancel: () => void) => Promise<void>) {
  const path = join(tmpFolder(), 'stick');
  writeFileSync(path, Buffer.alloc(SIZE, 0xaa));
  const identity: DriveIdentity = {
    ...{ path, serial: null, model: 'Stick', size: SIZE, transport: 'usb' },
    ...{ deviceNumber: '8:1', generation: '1' },
  };
  const controller = new AbortController();
  const { signal } = controller;
  let remains: Promise<void> = Promise.resolve();
  const context = {
    signal,
    onProgress: () => undefined,
    onCleanup: (ended: Promise<void>) => (remains = ended),
  };
  const ended = settleEarly(context, async (_own, ending) => {
    const target = await openStickTarget({
      ...{ identity, allowFixed: true, signal },
      program: { kind: 'installed', wrapper: '', action: '' },
    });
    try {
      await target.prepare([{ offset: 0, length: 4096 }]);
      await target.write(65_536, Buffer.alloc(4096, 1));
      await target.flush();
      slow.milliseconds = 100;
      await ending.commit(() => complete(target, () => controller.abort()));
      return 'done';
    } catch (error) {
      ending.fail(error);
      throw error;
    } finally {
      await target.close();
    }
  });
  const outcome = ended.catch((error: unknown) => toErrorData(error).code);
  return outcome.then(async (reported) => {
    await remains;
    return { reported, complete: readFileSync(path).subarray(0, 4096).equals(BLOCK) };
  });
}

const commit = (target: DriveTarget): Promise<void> => target.commit({ offset: 0, bytes: BLOCK });

test('a commit that has begun is not cancelled: the job says what is on the stick', async () => {
  const { reported, complete } = await job(async (target, cancel) => {
    const committed = commit(target);
    await sleep(20);
    cancel();
    await committed;
    expect(await target.eject()).toBe(true);
  });
  expect({ reported, complete, ejected: slow.ejected }).toEqual({
    ...{ reported: 'done', complete: true, ejected: 1 },
  });
});

test('what was committed is still ejected after a cancel', async () => {
  const { reported, complete } = await job(async (target, cancel) => {
    await commit(target);
    cancel();
    expect(await target.eject()).toBe(true);
  });
  expect({ reported, complete, ejected: slow.ejected }).toEqual({
    ...{ reported: 'done', complete: true, ejected: 1 },
  });
});

test('a cancel just before the commit keeps the label off the stick', async () => {
  const outcome = await job(async (target, cancel) => {
    cancel();
    await commit(target);
  });
  expect(outcome).toEqual({ reported: 'cancelled', complete: false });
});

test('a commit that fails after a cancel is reported as what it is', async () => {
  const outcome = await job(async (target, cancel) => {
    const committed = commit(target);
    slow.fails = true;
    cancel();
    await committed;
  });
  expect(outcome).toEqual({
    reported: expect.stringMatching(/^drive-/) as unknown,
    complete: false,
  });
});

test('closing ends a commit that has begun', async () => {
  const { reported } = await job(async (target) => {
    await Promise.all([commit(target), target.close()]);
  });
  expect(reported).toBe('cancelled');
});

test('a place that cannot be read is an error of that read alone', async () => {
  const path = join(tmpFolder(), 'stick');
  writeFileSync(path, Buffer.alloc(SIZE, 0xaa));
  const target = await openStickTarget({
    identity: {
      ...{ path, serial: null, model: 'Stick', size: SIZE, transport: 'usb' },
      ...{ deviceNumber: '8:1', generation: '1' },
    },
    ...{ allowFixed: true, signal: new AbortController().signal },
    program: { kind: 'installed', wrapper: '', action: '' },
  });
  slow.unreadable = 8192;
  const reads = [0, 8192, 16_384].map(async (offset) =>
    target.read(offset, 4096).then(
      (bytes) => bytes.length,
      (error: unknown) => toErrorData(error).code,
    ),
  );
  expect(await Promise.all(reads)).toEqual([4096, 'drive-read-failed', 4096]);
  await target.prepare([{ offset: 0, length: 4096 }]);
  await target.write(8192, Buffer.alloc(4096, 1));
  await target.flush();
  await target.close();
  expect(
    readFileSync(path)
      .subarray(8192, 12_288)
      .every((byte) => byte === 1),
  ).toBe(true);
});
