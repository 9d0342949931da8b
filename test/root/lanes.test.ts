import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { cli, SAMPLE_IMAGES, SAMPLES, type CliEvent, type CliResult } from '../support/cli.ts';
import { loopDevice, type LoopDevice } from '../support/loop.ts';
import { LABEL, labelOf } from '../support/stick-image.ts';
import { tmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices, tool } from '../support/tools.ts';

// For hangs alone: sixteen devices are flushed to a disk that others may keep busy.
vi.setConfig({ testTimeout: 600_000 });

const MIB = 1024 * 1024;
const SIZE = 64 * MIB;
const WRITE = ['--allow-fixed', '--confirm-write-to'];
const ROOT = join(import.meta.dirname, '../..');
const EXPECTED = join(SAMPLES, 'expected/p1+p2+p3.files.txt');

const e2fsck = tool('e2fsck');
const mount = tool('mount');
const umount = tool('umount');

const NIGHTLY = process.env['NIGHTLY'] === '1';

/** Kills of the command line. */
const KILLS = NIGHTLY ? 60 : 4;
const KILLS_PER_TEST = 4;
const SEED = 20_261_130;

const sticks = (count: number, size = SIZE): LoopDevice[] =>
  Array.from({ length: count }, () => loopDevice({ size }));

const writeTo = (devices: readonly LoopDevice[]): string[] =>
  devices.flatMap(({ path }) => ['-w', path]);

/** `sha256 size name` of everything on a mounted filesystem, as the expected list has it. */
function listMounted(device: string): string[] {
  const folder = tmpFolder();
  execFileSync(mount.path, ['-o', 'ro', device, folder]);
  try {
    const script = `find data meta -type f -printf '%s %p\\n' | while read -r size name; do
      echo "$(sha256sum "$name" | cut -d' ' -f1) $size $name"; done`;
    const text = execFileSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' });
    return text.trimEnd().split('\n').sort();
  } finally {
    execFileSync(umount.path, [folder]);
  }
}

/** A stick that vehicles take: recognised, sound, and with exactly the expected files. */
function expectComplete({ path }: LoopDevice): void {
  expect(labelOf(path)).toBe(LABEL);
  execFileSync(e2fsck.path, ['-fn', path], { stdio: 'pipe' });
  const expected = readFileSync(EXPECTED, 'utf8').trimEnd().split('\n').sort();
  expect(listMounted(path)).toEqual(expected);
}

/** Of all bytes of the device. */
function sumOf({ file }: LoopDevice): string {
  return execFileSync('sha256sum', [file], { encoding: 'utf8' }).slice(0, 64);
}

/** Writes the samples in one run, as of one time. */
function write(
  devices: readonly LoopDevice[],
  options: readonly string[] = [],
): Promise<CliResult> {
  const args = ['--json', ...options, ...SAMPLE_IMAGES, ...writeTo(devices), ...WRITE];
  return cli(args, { env: { SOURCE_DATE_EPOCH: '1700000000' } });
}

describeNeeding(
  [needsLoopDevices(), e2fsck, mount, umount, tool('blkid'), tool('mke2fs')],
  'sticks that are written in one run',
  () => {
    let alone = '';

    test.each(NIGHTLY ? [1, 2, 8, 16] : [1, 2, 16])(
      'are byte for byte the same when there are %i',
      async (count) => {
        const devices = sticks(count);
        const { exit, last, stderr, events } = await write(devices);
        expect(exit, stderr).toBe(0);
        const done = devices.map(() => ({ state: 'done', verified: true, driveModified: true }));
        expect(last).toMatchObject({ kind: 'done', result: { outcomes: done } });
        // The first one is judged by its files, and all others by the first.
        const [first] = devices as [LoopDevice];
        expectComplete(first);
        alone ||= sumOf(first);
        expect(devices.map(sumOf)).toEqual(devices.map(() => alone));
        const reported = new Set(drivesOf(events));
        expect([...reported].sort()).toEqual(
          count === 1 ? [] : devices.map(({ path }) => path).sort(),
        );
      },
    );

    test('of different sizes are sound filesystems with the same files', async () => {
      const devices = [48, 96, 200].flatMap((mebibytes) => sticks(1, mebibytes * MIB));
      const { exit, stderr } = await write(devices);
      expect(exit, stderr).toBe(0);
      for (const device of devices) expectComplete(device);
    });

    test('are listed one by one, and one that fails is named, with exit code 1', async () => {
      const devices = sticks(3);
      const [, bad] = devices as [LoopDevice, LoopDevice, LoopDevice];
      let struck = false;
      const result = await cli(['--json', ...SAMPLE_IMAGES, ...writeTo(devices), ...WRITE], {
        onEvent: (event) => {
          // The writer of this stick alone: the others have their own.
          if (event.kind !== 'outcome' || event.drive !== bad.path || struck) return;
          if (event.outcome.phase !== 'write') return;
          struck = true;
          for (const pid of writersOn(bad.path)) process.kill(pid, 'SIGKILL');
        },
      });
      expect(result.exit).toBe(1);
      expect(result.last).toMatchObject({
        kind: 'done',
        result: {
          outcomes: [
            { state: 'done' },
            { state: 'failed', error: { code: 'writer-lost' }, driveModified: true },
            { state: 'done' },
          ],
        },
      });
      for (const device of devices)
        if (device === bad) expect(labelOf(device.path)).toBe('');
        else expectComplete(device);
    });

    test('of which one is too small: none is changed', async () => {
      const devices = [...sticks(1), ...sticks(1, 2 * MIB)];
      for (const { file } of devices) execFileSync('mke2fs', ['-q', '-F', '-L', 'MINE', file]);
      const { exit, code } = await write(devices);
      expect([exit, code]).toEqual([1, 'drive-too-small']);
      for (const { file } of devices) expect(labelOf(file)).toBe('MINE');
    });

    test('of which two are one: refused with 22, and nothing is changed', async () => {
      const [device] = sticks(1) as [LoopDevice];
      execFileSync('mke2fs', ['-q', '-F', '-L', 'MINE', device.file]);
      const { exit, code } = await write([device, device]);
      expect([exit, code]).toEqual([22, 'drive-named-twice']);
      expect(labelOf(device.file)).toBe('MINE');
    });

    test.each(pointsOf(KILLS))(
      `are complete or not recognisable after the app was killed (seed ${SEED}, %j)`,
      async ({ points }) => {
        for (const point of points) {
          const devices = sticks(3);
          await killAt(point, devices);
          for (const device of devices) {
            await released(device);
            if (labelOf(device.path) !== '') expect(sumOf(device)).toBe(alone);
          }
        }
      },
    );
  },
);

function drivesOf(events: readonly CliEvent[]): string[] {
  return events.flatMap((event) =>
    event.kind === 'progress' && event.drive !== undefined ? [event.drive] : [],
  );
}

/** How many events of the run come before the kill: from the first phase of a drive to the last. */
function pointsOf(count: number): { points: number[] }[] {
  let state = SEED;
  const random = (below: number): number => {
    // Of Numerical Recipes; its high bits are good enough here.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: count / KILLS_PER_TEST }, () => ({
    points: Array.from({ length: KILLS_PER_TEST }, () => random(18)),
  }));
}

/** Runs the command line and kills it when its drives have changed their state so often. */
async function killAt(point: number, devices: readonly LoopDevice[]): Promise<void> {
  const args = ['--json', ...SAMPLE_IMAGES, ...writeTo(devices), ...WRITE];
  const main = join(ROOT, 'src/main/cli/main.ts');
  const app = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, TMPDIR: tmpFolder(), SOURCE_DATE_EPOCH: '1700000000' },
  });
  let changes = 0;
  createInterface({ input: app.stdout }).on('line', (line) => {
    const { kind } = JSON.parse(line) as CliEvent;
    if (kind === 'outcome' && changes++ === point) app.kill('SIGKILL');
  });
  await once(app, 'close');
}

/** Resolves when no writer has the device open any more: each notices the end of the app by itself. */
async function released({ path }: LoopDevice): Promise<void> {
  for (let tries = 0; writersOn(path).length > 0; tries++) {
    if (tries > 600) throw new Error(`a writer still has ${path}`);
    await sleep(50);
  }
}

/** Processes that have the device open. */
function writersOn(device: string): number[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && openFiles(pid).includes(device))
    .map(Number);
}

/** None of a process that has ended meanwhile. */
function openFiles(pid: string): string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).flatMap((file) => {
      try {
        return [readlinkSync(join(folder, file))];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}
