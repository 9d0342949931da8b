import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { loopDevice } from '../support/loop.ts';
import { LABEL, labelOf, makeStickImage } from '../support/stick-image.ts';
import { sharedTmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices, tool } from '../support/tools.ts';

const MIB = 1024 * 1024;
const SIZE = 96 * MIB;

/** Every night more than in a normal run. */
const ROUNDS = process.env['NIGHTLY'] === '1' ? 100 : 12;

/** Lines of stick-app.ts that come in every write, in this order; between them, mebibytes. */
const STEPS = ['open', 'prepare', 'write', 'flush', 'verify', 'commit', 'committed'];

describeNeeding(
  [needsLoopDevices(), tool('mke2fs'), tool('debugfs'), tool('blkid')],
  'killed',
  () => {
    const shared = sharedTmpFolder();
    /** Where the app makes what it needs for a run. */
    const scratch = sharedTmpFolder();
    let image: Uint8Array;

    beforeAll(() => {
      image = makeStickImage(shared(), SIZE - MIB, 64 * MIB);
    });

    /** Moments are spread over all steps and all of the data, the same in every run. */
    const moments = Array.from({ length: ROUNDS }, (_, index) => {
      const mebibyte = 1 + ((index * 37) % 88);
      const step = STEPS[Math.floor(index / 4) % STEPS.length] ?? 'open';
      return {
        victim: index % 2 === 0 ? 'app' : 'writer',
        moment: index % 4 < 2 ? `written ${String(mebibyte)}` : step,
      };
    });

    test.each(moments)(
      'the $victim at "$moment": never a label unless all is right',
      async (kill) => {
        const device = loopDevice({
          size: SIZE,
          fill: (file) => writeFileSync(file, image, { flag: 'r+' }),
        });
        expect(labelOf(device.file)).toBe(LABEL);
        const outcome = await writeAndKill(shared(), scratch(), device.path, kill);
        const label = labelOf(device.path);
        // Before anything was cleared, what stood there is whole; after the commit, what was written is.
        if (label === LABEL) expectImage(device.file);
        if (label === LABEL)
          expect(['open', 'prepare', 'committed', 'commit']).toContain(kill.moment);
        if (kill.victim === 'writer' && kill.moment !== 'committed')
          expect(outcome).toContain('failed {"code":"writer-lost"');
        await expectNothingLeft(device.path, scratch());
      },
    );

    test('and the next run works', async () => {
      const device = loopDevice({ size: SIZE });
      await writeAndKill(shared(), scratch(), device.path, { victim: 'app', moment: 'written 20' });
      await expectNothingLeft(device.path, scratch());
      expect(labelOf(device.path)).toBe('');
      const lines = await writeAndKill(shared(), scratch(), device.path, null);
      expect(lines).toContain('done');
      expect(labelOf(device.path)).toBe(LABEL);
      expectImage(device.file);
      expect(spawnSync(tool('e2fsck').path, ['-fn', device.path]).status).toBe(0);
    });

    function expectImage(file: string): void {
      expect(Buffer.compare(readFileSync(file).subarray(0, image.length), image)).toBe(0);
    }
  },
);

/** Runs the app, kills the victim when the moment's line comes; resolves when the app has ended. */
async function writeAndKill(
  folder: string,
  scratch: string,
  device: string,
  kill: { readonly victim: string; readonly moment: string } | null,
): Promise<string> {
  const script = join(import.meta.dirname, '../support/stick-app.ts');
  const app = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, join(folder, 'stick.img'), device],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'], TMPDIR: scratch } },
  );
  let output = '';
  createInterface({ input: app.stdout }).on('line', (line) => {
    output += `${line}\n`;
    if (line !== kill?.moment) return;
    if (kill.victim === 'app') app.kill('SIGKILL');
    else for (const pid of writersOn(device)) process.kill(pid, 'SIGKILL');
  });
  const { promise, resolve } = Promise.withResolvers<undefined>();
  app.once('close', () => resolve(undefined));
  await promise;
  return output;
}

/** Processes that have the device open. */
function writersOn(device: string): number[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && openFiles(pid).includes(device))
    .map(Number);
}

/** Those that it still has when they are looked at; none when it has ended. */
function openFiles(pid: string): string[] {
  const folder = `/proc/${pid}/fd`;
  return quietly(() => readdirSync(folder), []).map((file) =>
    quietly(() => readlinkSync(join(folder, file)), ''),
  );
}

function quietly<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

async function expectNothingLeft(device: string, scratch: string): Promise<void> {
  // The writer notices at once, but finishes the request that the device has.
  for (let tries = 0; writersOn(device).length > 0 && tries < 100; tries++) await sleep(50);
  expect(writersOn(device)).toEqual([]);
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(device);
  expect(readdirSync(scratch)).toEqual([]);
}
