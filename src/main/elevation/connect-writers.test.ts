import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { serveJob } from '../../../test/support/fake-writer.ts';
import { tmpFolder } from '../../../test/support/tmp.ts';
import { builderError, toErrorData, type BuilderError } from '../../shared/errors.ts';
import type { DriveIdentity } from '../../shared/model/drive.ts';
import type { DriveRequest } from './connect-writers.ts';
import type { JobFolder } from './job-folder.ts';
import type { StartedLauncher } from './launcher-process.ts';
import { openStickTargets } from './stick-target.ts';
import type { WriterProgram } from './writer-program.ts';

/** What the launcher does, as a test wants it. */
const launcher = {
  /** Names of jobs whose writer ends before it connects. */
  dying: new Set<string>(),
  /** The person closes the dialog at once, or leaves it open. */
  dialog: 'granted' as 'granted' | 'closed' | 'open',
  started: [] as JobFolder[],
  connected: 0,
  killed: 0,
};

vi.mock('./start-launcher.ts', () => ({
  startLauncher: (_program: WriterProgram, folder: JobFolder): StartedLauncher => {
    launcher.started.push(folder);
    const whole = Promise.withResolvers<BuilderError>();
    const writers = new Map(folder.jobs.map(({ name }) => [name, runWriter(folder.path, name)]));
    if (launcher.dialog === 'closed') whole.resolve(builderError('elevation-cancelled', {}));
    else void Promise.all(writers.values()).then(([error]) => error && whole.resolve(error));
    return {
      ended: whole.promise,
      writerEnded: (job) => Promise.race([whole.promise, ...[writers.get(job) ?? whole.promise]]),
      connected: () => launcher.connected++,
      kill: () => {
        launcher.killed++;
        whole.resolve(builderError('elevation-broken', { detail: 'killed' }));
      },
    };
  },
}));

async function runWriter(folder: string, name: string): Promise<BuilderError> {
  if (launcher.dialog !== 'granted') return await new Promise<never>(() => undefined);
  if (launcher.dying.has(name)) return builderError('writer-refused', { reason: name });
  const behaviour = { milliseconds: 0, fails: false, ejected: 0 };
  return await serveJob(folder, name, behaviour).then(
    () => builderError('writer-lost', { drive: name }),
    (error: unknown) => builderError('elevation-broken', { detail: String(error) }),
  );
}

beforeEach(() => {
  Object.assign(launcher, { dialog: 'granted', started: [], connected: 0, killed: 0 });
  launcher.dying.clear();
});

const SIZE = 1024 * 1024;
const program = { kind: 'installed', wrapper: '', action: '' } as const;

function stick(number: number, change: Partial<DriveIdentity> = {}): DriveRequest {
  const path = join(tmpFolder(), `stick-${String(number)}`);
  writeFileSync(path, Buffer.alloc(SIZE));
  const identity: DriveIdentity = {
    ...{ path, serial: `S${String(number)}`, model: 'Stick', size: SIZE, transport: 'usb' },
    ...{ deviceNumber: `8:${String(16 * number)}`, generation: String(number), ...change },
  };
  return { identity, allowFixed: false };
}

async function codesOf(targets: readonly Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(targets);
  return settled.map((each) =>
    each.status === 'fulfilled' ? 'open' : toErrorData(each.reason).code,
  );
}

test('one elevation opens three drives, and what is written to each reaches it alone', async () => {
  const drives = [stick(1), stick(2), stick(3)];
  const targets = await Promise.all(openStickTargets(drives, { program }));
  expect(launcher).toMatchObject({ started: [{ jobs: { length: 3 } }], connected: 1 });
  expect(existsSync(launcher.started[0]?.path ?? '')).toBe(false);
  for (const [index, target] of targets.entries()) {
    await target.prepare([]);
    await target.write(4096, Buffer.alloc(4096, index + 1));
    await target.flush();
    await target.commit({ offset: 0, bytes: Buffer.alloc(4096, index + 1) });
  }
  await Promise.all(targets.map((target) => target.close()));
  for (const [index, { identity }] of drives.entries())
    expect(
      readFileSync(identity.path)
        .subarray(0, 8192)
        .every((byte) => byte === index + 1),
    ).toBe(true);
  expect(launcher.killed).toBe(0);
});

test('a drive whose writer ends before it connects fails alone, by what that writer said', async () => {
  launcher.dying.add('job-2');
  const targets = openStickTargets([stick(1), stick(2), stick(3)], { program });
  expect(await codesOf(targets)).toEqual(['open', 'writer-refused', 'open']);
  await expect(targets[1]).rejects.toMatchObject({ data: { params: { reason: 'job-2' } } });
  expect(existsSync(launcher.started[0]?.path ?? '')).toBe(false);
  for (const index of [0, 2]) await (await targets[index])?.close();
});

test('without the password all drives fail, and the job folder is removed', async () => {
  launcher.dialog = 'closed';
  const targets = openStickTargets([stick(1), stick(2)], { program });
  expect(await codesOf(targets)).toEqual(['elevation-cancelled', 'elevation-cancelled']);
  expect(existsSync(launcher.started[0]?.path ?? '')).toBe(false);
});

test('the end of the run during the password dialog ends the dialog and every drive', async () => {
  launcher.dialog = 'open';
  const run = new AbortController();
  const targets = openStickTargets([stick(1), stick(2)], { program, signal: run.signal });
  await vi.waitFor(() => expect(launcher.started).toHaveLength(1));
  run.abort();
  expect(await codesOf(targets)).toEqual(['cancelled', 'cancelled']);
  expect(launcher.killed).toBe(1);
  expect(existsSync(launcher.started[0]?.path ?? '')).toBe(false);
});

test('a run that was ended before it began asks for no password', async () => {
  const targets = openStickTargets([stick(1)], { program, signal: AbortSignal.abort() });
  expect(await codesOf(targets)).toEqual(['cancelled']);
  const drives = [{ ...stick(1), signal: AbortSignal.abort() }];
  expect(await codesOf(openStickTargets(drives, { program }))).toEqual(['cancelled']);
  expect(launcher.started).toEqual([]);
});

test('the end of one drive leaves the others open', async () => {
  const own = new AbortController();
  const drives = [stick(1), { ...stick(2), signal: own.signal }];
  const [first, second] = await Promise.all(openStickTargets(drives, { program }));
  if (first === undefined || second === undefined) throw new Error('two targets');
  await Promise.all([first.prepare([]), second.prepare([])]);
  own.abort();
  await expect(second.write(4096, Buffer.alloc(4096))).rejects.toThrow();
  await second.close();
  await first.write(4096, Buffer.alloc(4096, 1));
  await first.flush();
  await first.commit({ offset: 0, bytes: Buffer.alloc(4096, 1) });
  await first.close();
});

test.each<[string, Partial<DriveIdentity>, Partial<DriveIdentity>]>([
  ['one device twice', {}, { deviceNumber: '8:16' }],
  ['a disk and its partition', { generation: '7' }, { generation: '7', deviceNumber: '8:17' }],
  [
    'a disk and its partition on macOS',
    { deviceNumber: 'disk4', generation: 'path' },
    { deviceNumber: 'disk4s1', generation: 'path' },
  ],
])('%s: refused before a password is asked for', async (_title, one, other) => {
  const drives = [stick(1, one), stick(2), stick(3, other)];
  expect(await codesOf(openStickTargets(drives, { program }))).toEqual(
    Array.from({ length: 3 }, () => 'drive-named-twice'),
  );
  expect(launcher.started).toEqual([]);
});

test('sticks of one model without serial numbers are several', async () => {
  const same = { serial: null };
  const targets = openStickTargets([stick(1, same), stick(2, same)], { program });
  expect(await codesOf(targets)).toEqual(['open', 'open']);
  for (const target of targets) await (await target).close();
});
