import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openStickTargets } from '../../src/main/elevation/stick-target.ts';
import { checkoutEntries, findWriterProgram } from '../../src/main/elevation/writer-program.ts';
import { toErrorData } from '../../src/shared/errors.ts';
import type { DriveIdentity } from '../../src/shared/model/drive.ts';
import { COMPILE_CACHE } from '../support/compile-cache.ts';
import { loopDevice } from '../support/loop.ts';
import { LABEL, labelOf, makeStickImage } from '../support/stick-image.ts';
import { tmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices, tool } from '../support/tools.ts';
import { writeStick } from '../support/write-stick.ts';
import { ownLaunchers } from '../support/writers.ts';

const MIB = 1024 * 1024;
const KIM = 12_345;

function identity(number: number): DriveIdentity {
  return {
    ...{ path: `/dev/no-disk-${String(number)}`, serial: null, model: null, size: 1 },
    ...{ transport: null, deviceNumber: `1:${String(number)}`, generation: String(number) },
  };
}

/** Jobs as the app makes them, changed by a test: 0600 in a 0700 folder, owned by root. */
function makeJobs(changes: readonly object[]): string {
  const folder = join(tmpFolder(), 'jobs');
  mkdirSync(folder, { mode: 0o700 });
  for (const [index, change] of changes.entries()) {
    const secret = String(index).padStart(64, 'a');
    const rules = { allowFixed: true, access: 'write' };
    const job = { version: 1, secret, pipe: null, identity: identity(index), ...rules, ...change };
    const path = join(folder, `job-${String(index + 1)}`);
    writeFileSync(path, JSON.stringify(job), { mode: 0o600 });
  }
  return folder;
}

async function runLauncher(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; output: string }> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', checkoutEntries().launcher, ...args],
    {
      env: { PATH: '/usr/sbin:/usr/bin', ...COMPILE_CACHE, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const { promise, resolve } = Promise.withResolvers<{ code: number | null; output: string }>();
  child.once('close', (code) => resolve({ code, output }));
  return await promise;
}

/** Refused before a writer was started: none would have found its socket. */
async function expectRefused(
  args: readonly string[],
  reason: RegExp,
  environment: NodeJS.ProcessEnv = {},
): Promise<void> {
  const { code, output } = await runLauncher(args, environment);
  expect(output).toMatch(reason);
  expect(output).not.toContain('ended');
  expect(code).toBe(1);
}

describeNeeding([needsLoopDevices()], 'the launcher refuses', () => {
  test('anything but one absolute path of a folder with jobs', async () => {
    await expectRefused([], /arguments: a path/);
    await expectRefused([makeJobs([{}]), '--inspect'], /arguments: a path/);
    await expectRefused(['jobs'], /absolute/);
    await expectRefused([makeJobs([])], /holds no job/);
    await expectRefused(['/dev/zero'], /no folder/);
  });

  test('all jobs where one of them writes and only reading is permitted', async () => {
    const jobs = makeJobs([{ access: 'read' }, { access: 'write' }]);
    await expectRefused([jobs, 'read'], /only reading is permitted/);
    // Where it reads, its writer is started, and finds nobody listening.
    const { output } = await runLauncher([makeJobs([{ access: 'read' }]), 'read']);
    expect(output).toContain('ended');
    expect(output).not.toContain('only reading');
  });

  test('a folder of another user, open to others, or behind a link', async () => {
    const folder = makeJobs([{}]);
    await expectRefused([folder], /another user/, { PKEXEC_UID: String(KIM) });
    chmodSync(folder, 0o750);
    await expectRefused([folder], /open to others/);
    chmodSync(folder, 0o700);
    const link = join(tmpFolder(), 'link');
    symlinkSync(folder, link);
    await expectRefused([link], /is no folder/);
  });

  test('all jobs where one of them belongs to another user, is open to others, a link or malformed', async () => {
    const other = makeJobs([{}, {}]);
    chownSync(join(other, 'job-2'), KIM, KIM);
    await expectRefused([other], /another user/);
    const open = makeJobs([{}, {}]);
    chmodSync(join(open, 'job-2'), 0o604);
    await expectRefused([open], /open to others/);
    const linked = makeJobs([{}, {}]);
    renameSync(join(linked, 'job-2'), join(linked, 'other'));
    symlinkSync(join(linked, 'other'), join(linked, 'job-2'));
    await expectRefused([linked], /ELOOP/);
    await expectRefused([makeJobs([{}, { access: 'erase' }])], /neither to read nor to write/);
  });

  test.each<[string, object, RegExp]>([
    ['one secret', { secret: '0'.padStart(64, 'a') }, /one secret/],
    ['one device', { identity: { ...identity(1), path: '/dev/no-disk-0' } }, /one disk/],
    ['a disk and its partition', { identity: { ...identity(1), generation: '0' } }, /one disk/],
  ])('two jobs with %s', async (_title, change, reason) => {
    await expectRefused([makeJobs([{}, change])], reason);
  });

  test('two jobs with one pipe', async () => {
    const pipe = '\\\\.\\pipe\\ota-writer-1';
    await expectRefused([makeJobs([{ pipe }, { pipe }])], /one pipe/);
  });
});

describeNeeding([needsLoopDevices()], 'the launcher', () => {
  test('reports each writer’s end by its job, and ends after the last', async () => {
    const { code, output } = await runLauncher([makeJobs([{}, {}])]);
    expect(code).toBe(1);
    const reports = output.trim().split('\n');
    expect(reports.sort()).toEqual([
      expect.stringMatching(/^\{"ended":"job-1","status":1,.*ENOENT/) as unknown,
      expect.stringMatching(/^\{"ended":"job-2","status":1,.*ENOENT/) as unknown,
    ]);
  });

  test('killed takes its writers with it', async () => {
    const devices = [loopDevice({ size: 8 * MIB }), loopDevice({ size: 8 * MIB })];
    const program = findWriterProgram(checkoutEntries(), 'write');
    const resolved = await Promise.all(devices.map((device) => device.resolve()));
    const requests = resolved.map((each) => ({ identity: each.identity, allowFixed: true }));
    const targets = await Promise.all(openStickTargets(requests, { program }));
    for (const target of targets) {
      await target.prepare([]);
      await target.write(4096, Buffer.alloc(4096));
      await target.flush();
    }
    const [launcher] = ownLaunchers();
    process.kill(launcher ?? Number.NaN, 'SIGKILL');
    for (const target of targets) {
      const read = async (): Promise<never> => {
        for (;;) await target.read(4096, 4096);
      };
      await expect(read()).rejects.toMatchObject({ data: { code: 'writer-lost' } });
      await target.close();
    }
  });
});

describeNeeding(
  [needsLoopDevices(), tool('mke2fs'), tool('debugfs'), tool('blkid')],
  'one elevation',
  () => {
    test.each([2, 16])('writes %i devices at once', async (count) => {
      const size = 8 * MIB;
      const image = Buffer.from(makeStickImage(tmpFolder(), size, 6 * MIB));
      const devices = Array.from({ length: count }, () => loopDevice({ size }));
      const program = findWriterProgram(checkoutEntries(), 'write');
      const resolved = await Promise.all(devices.map((device) => device.resolve()));
      const requests = resolved.map((each) => ({ identity: each.identity, allowFixed: true }));
      const written = openStickTargets(requests, { program }).map(async (opening) => {
        const target = await opening;
        await writeStick(target, image);
        await target.close();
      });
      await Promise.all(written);
      for (const device of devices) {
        expect(labelOf(device.path)).toBe(LABEL);
        expect(readFileSync(device.file).equals(image)).toBe(true);
      }
    });

    test('opens the drives that may be opened, and says why not of the others', async () => {
      const size = 8 * MIB;
      const usable = loopDevice({ size });
      const readOnly = loopDevice({ size, options: ['--read-only'] });
      const requests = [];
      for (const device of [readOnly, usable]) {
        const { identity: each } = await device.resolve();
        requests.push({ identity: each, allowFixed: true });
      }
      const program = findWriterProgram(checkoutEntries(), 'write');
      const [refused, opened] = openStickTargets(requests, { program });
      await expect(refused?.catch((error: unknown) => toErrorData(error).code)).resolves.toBe(
        'drive-read-only',
      );
      await (await opened)?.close();
    });
  },
);
