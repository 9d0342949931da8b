import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  readFileSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { mountTool, tryMount, umountTool } from '../support/ext4/mounted.ts';
import {
  blkidTool,
  e2fsckComplaint,
  e2fsckTool,
  resize2fsTool,
  run,
} from '../support/ext4/oracles.ts';
import {
  newStick,
  placesOn,
  randomVersions,
  refreshLayout,
  wholeLayout,
  writeLayout,
} from '../support/ext4/refreshing.ts';
import { loopDevice, type LoopDevice } from '../support/loop.ts';
import { LABEL, labelOf } from '../support/stick-image.ts';
import { sharedTmpFolder, tmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices } from '../support/tools.ts';
import { holdersOf } from '../support/writers.ts';
import { versionImage } from '../support/version-image.ts';

const MIB = 1024 * 1024;
const SIZE = 48 * MIB;
const KILLS = process.env['NIGHTLY'] === '1' ? 100 : 5;
const SEED = 20_261_130;

function imageOf(version: number): string {
  const path = join(tmpFolder(), `version-${version}.tar`);
  writeFileSync(path, versionImage(version));
  return path;
}

const argumentsFor = (device: string, image: string): string[] => [
  ...['--json', '--image', `autoware:${image}:1`, '-w', device, '--refresh'],
  ...['--allow-fixed', '--confirm-write-to', '--no-eject'],
];

/** Writes a version; what its refresh came to. */
async function refresh({ path }: LoopDevice, version: number): Promise<unknown> {
  const { exit, stderr, last } = await cli(argumentsFor(path, imageOf(version)));
  expect(exit, stderr).toBe(0);
  if (last?.kind !== 'done') throw new Error('it is done');
  const [outcome] = last.result.outcomes;
  expect(outcome).toMatchObject({ state: 'done', verified: true });
  return outcome?.refresh;
}

/** Calls `body` with the folder where the kernel has the device mounted. */
function whileMounted<T>(device: string, mode: 'ro' | 'rw', body: (folder: string) => T): T {
  const folder = tmpFolder();
  execFileSync(mountTool.path, ['-o', mode, device, folder], { stdio: 'pipe' });
  try {
    return body(folder);
  } finally {
    execFileSync(umountTool.path, [folder]);
  }
}

/** `sha256 name` of all files, by the kernel. */
const sumsOf = (device: string): string =>
  whileMounted(device, 'ro', (folder) =>
    execFileSync('bash', ['-c', 'find . -type f -print0 | sort -z | xargs -0 sha256sum'], {
      cwd: folder,
      encoding: 'utf8',
    }),
  );

/** The same files as on a stick that was written as a whole, and a sound filesystem. */
async function expectVersion({ path }: LoopDevice, version: number): Promise<void> {
  expect(labelOf(path)).toBe(LABEL);
  expect(e2fsckComplaint(path)).toBeNull();
  const whole = loopDevice({ size: SIZE });
  expect(await refresh(whole, version)).toEqual({ kind: 'whole', reason: 'not-ours' });
  // Of two runs the manifests differ in their time alone.
  const files = (sums: string): string[] =>
    sums.split('\n').filter((line) => !line.endsWith('manifest.json'));
  expect(files(sumsOf(path))).toEqual(files(sumsOf(whole.path)));
}

describeNeeding(
  [needsLoopDevices(), mountTool, umountTool, e2fsckTool, blkidTool, resize2fsTool],
  'a stick that is refreshed',
  () => {
    test('was written to by a person: what was added is gone, and people can add files again', async () => {
      const device = loopDevice({ size: SIZE });
      expect(await refresh(device, 0)).toEqual({ kind: 'whole', reason: 'not-ours' });
      whileMounted(device.path, 'rw', (folder) => {
        const [blob = ''] = readdirSync(join(folder, 'data'));
        rmSync(join(folder, 'data', blob));
        writeFileSync(join(folder, 'data', 'a note'), 'text');
        writeFileSync(join(folder, 'holiday.jpg'), Buffer.alloc(3 * MIB, 1));
      });
      const result = await refresh(device, 1);
      expect(result).toMatchObject({ kind: 'refreshed' });
      await expectVersion(device, 1);
      const copy = loopDevice({
        size: 2 * SIZE,
        fill: (file) => execFileSync('cp', ['--sparse=always', device.file, file]),
      });
      execFileSync('truncate', ['-s', String(2 * SIZE), copy.file]);
      execFileSync('losetup', ['--set-capacity', copy.path]);
      expect(run(resize2fsTool, ['-f', copy.path]).status).toBe(0);
      expect(e2fsckComplaint(copy.path)).toBeNull();
      whileMounted(copy.path, 'rw', (folder) => {
        const { bavail, bsize } = statfsSync(folder);
        // Free space is free: all of it but what the kernel needs for the file itself.
        const free = Buffer.alloc(Math.floor((bavail * bsize) / MIB - 1) * MIB, 7);
        writeFileSync(join(folder, 'large'), free);
      });
      expect(e2fsckComplaint(copy.path)).toBeNull();
    });

    test('is nothing that anyone recognises until the last write', async () => {
      const path = join(tmpFolder(), 'stick.img');
      newStick(path, SIZE);
      const [before, after] = [...randomVersions(7, 500, MIB).take(2)];
      if (before === undefined || after === undefined) throw new Error('two versions');
      writeLayout(path, wholeLayout(before, SIZE), before);
      expect(tryMount(path).status).toBe(0);
      const layout = refreshLayout(after, SIZE, await placesOn(path, after));
      if (layout?.kept === undefined) throw new Error('it fits');
      expect(layout.kept.count).toBeGreaterThan(0);
      const pieces = [...layout.pieces()];
      const cuts = [0, 1, 2, pieces.length >> 1, pieces.length - 1, pieces.length];
      let done = 0;
      for (const cut of cuts) {
        const part = pieces.slice(done, cut);
        done = cut;
        writeLayout(
          path,
          { ...layout, pieces: () => part, commit: null, wipe: cut === 0 ? layout.wipe : [] },
          after,
        );
        expect(run(blkidTool, ['-p', path]).stdout).toBe('');
        expect(tryMount(path).status).not.toBe(0);
      }
      writeLayout(path, { ...layout, pieces: () => [], wipe: [] }, after);
      expect(tryMount(path).status).toBe(0);
      expect(e2fsckComplaint(path)).toBeNull();
    });

    const shared = sharedTmpFolder();
    test(`is killed at ${KILLS} moments: not recognised, as it was, or complete`, async () => {
      const device = loopDevice({ size: SIZE });
      await refresh(device, 0);
      const old = join(shared(), 'old.img');
      copyFileSync(device.file, old);
      const image = imageOf(1);
      const seen = { none: 0, old: 0, new: 0 };
      for (let kill = 0; kill < KILLS; kill++) {
        execFileSync('dd', [`if=${old}`, `of=${device.path}`, 'bs=1M', 'conv=fsync'], {
          stdio: 'pipe',
        });
        // Of some 40 events that a run tells, the one after which it is killed.
        await runAndKill(device.path, image, 1 + ((SEED + kill * 7919) % 40));
        if (labelOf(device.path) === '') seen.none++;
        else {
          expect(e2fsckComplaint(device.path)).toBeNull();
          expect((await cli(['--json', 'verify', device.path])).exit).toBe(0);
          seen[readFileSync(device.file).equals(readFileSync(old)) ? 'old' : 'new']++;
        }
      }
      expect(seen.none + seen.old + seen.new).toBe(KILLS);
      await refresh(device, 1);
      await expectVersion(device, 1);
    });
  },
);

const MAIN = join(import.meta.dirname, '../../src/main/cli/main.ts');

/** Kills the app with SIGKILL after so many events, and waits until its writer has let the device go. */
async function runAndKill(device: string, image: string, events: number): Promise<void> {
  const app = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', MAIN, ...argumentsFor(device, image)],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let left = events;
  createInterface({ input: app.stdout }).on('line', () => {
    if (--left === 0) app.kill('SIGKILL');
  });
  await once(app, 'close');
  // The writer finishes the request that the device has, for which it gives itself 20 seconds.
  for (let tries = 0; holdersOf(device).length > 0 && tries < 600; tries++) await sleep(50);
  expect(holdersOf(device)).toEqual([]);
}
