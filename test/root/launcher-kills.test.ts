import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { bundledPrograms } from '../support/bundled-programs.ts';
import { COMPILE_CACHE } from '../support/compile-cache.ts';
import { attachLoop, type LoopDevice } from '../support/loop.ts';
import { labelOf, makeStickImage } from '../support/stick-image.ts';
import { sharedTmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices, tool } from '../support/tools.ts';
import { launcherOf, programsFor, writersOn } from '../support/writers.ts';

const MIB = 1024 * 1024;
const SIZE = 16 * MIB;
const DRIVES = 3;
const VICTIMS = ['writer', 'launcher', 'app'] as const;

interface Kill {
  readonly victim: (typeof VICTIMS)[number];
  /** A line of stick-app.ts, which says the drive too. */
  readonly moment: string;
}

/** Every kind of moment; of those at a mebibyte some. `NIGHTLY=1` takes them all. */
const MOMENTS = [
  ...['1 open', '2 prepare', '3 write', '1 written 1', '2 written 7', '3 flush'],
  ...['1 verify', '2 verified 0', '3 verified 7', '1 commit', '2 committed', '3 done'],
  ...['3 open', '1 written 4', '2 write', '3 written 12', '2 flush', '1 verified 3'],
  ...['2 commit', '3 committed'],
];
const KILLS: readonly Kill[] =
  process.env['NIGHTLY'] === '1'
    ? MOMENTS.flatMap((moment) => VICTIMS.map((victim) => ({ victim, moment })))
    : MOMENTS.slice(0, 12).map((moment, index) => ({
        victim: VICTIMS[(index + Math.floor(index / 3)) % 3] ?? 'app',
        moment,
      }));

describeNeeding(
  [needsLoopDevices(), tool('mke2fs'), tool('debugfs'), tool('blkid')],
  'with three drives in one run, of which one is killed:',
  () => {
    const shared = sharedTmpFolder();
    let image: Buffer;
    /** A finished stick of another day: same label, other contents. */
    let old: Buffer;
    let programs = '';
    const contents = { old: 0, new: 0 };

    beforeAll(() => {
      programs = bundledPrograms();
      image = Buffer.from(makeStickImage(shared(), SIZE - MIB, 14 * MIB));
      old = Buffer.from(image.map((byte, index) => (index < 4096 ? byte : byte ^ 0xff)));
    });

    test.each(KILLS)(
      'the $victim at “$moment” leaves no label without its contents, and no process, mount or folder',
      async (kill) => {
        const devices: (LoopDevice & { readonly release: () => void })[] = [];
        const fill = (file: string): void => writeFileSync(file, old, { flag: 'r+' });
        try {
          for (let drive = 0; drive < DRIVES; drive++)
            devices.push(attachLoop({ size: SIZE, fill }));
          const output = await runAndKill(devices, kill);
          for (const [index, device] of devices.entries()) expectSound(device, index, output, kill);
        } finally {
          for (const device of devices) device.release();
        }
      },
    );

    test('and sticks of every kind were found', () => {
      // Otherwise the kills came too late, or no other writer went on.
      expect(contents.new).toBeGreaterThan(DRIVES);
      expect(contents.new).toBeLessThan(DRIVES * KILLS.length);
    });

    function expectSound(device: LoopDevice, index: number, output: string, kill: Kill): void {
      const content = readFileSync(device.file).subarray(0, image.length);
      const isNew = content.equals(image);
      if (labelOf(device.path) !== '') {
        expect(isNew || content.equals(old)).toBe(true);
        contents[isNew ? 'new' : 'old']++;
      }
      const drive = String(index + 1);
      const done = output.includes(`\n${drive} done\n`);
      if (done) expect(isNew).toBe(true);
      // The other writers of a run do not notice that one was killed.
      if (kill.victim === 'writer' && !kill.moment.startsWith(drive))
        expect(done, drive).toBe(true);
      if (kill.victim === 'launcher' && !done)
        expect(output).toContain(`\n${drive} failed {"code":"writer-lost"`);
    }

    /** Runs the app to its end, which may be a kill; then nothing is left but its output. */
    async function runAndKill(devices: readonly LoopDevice[], kill: Kill): Promise<string> {
      const scratch = mkdtempSync(join(shared(), 'scratch-'));
      const paths = devices.map(({ path }) => path);
      const script = join(import.meta.dirname, '../support/stick-app.ts');
      const args = [script, join(shared(), 'stick.img'), paths.join(), programs];
      const app = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          PATH: process.env['PATH'],
          ...COMPILE_CACHE,
          TMPDIR: scratch,
        },
      });
      let output = '\n';
      createInterface({ input: app.stdout }).on('line', (line) => {
        output += `${line}\n`;
        if (line !== kill.moment) return;
        if (kill.victim === 'app') app.kill('SIGKILL');
        else for (const pid of victims(paths, kill)) process.kill(pid, 'SIGKILL');
      });
      await once(app, 'close');
      // The writers notice at once, but finish the request that the device has.
      for (let tries = 0; programsFor(scratch).length > 0 && tries < 600; tries++) await sleep(50);
      expect(programsFor(scratch)).toEqual([]);
      const mounted = readFileSync('/proc/self/mountinfo', 'utf8').split(/\s/);
      for (const path of paths) {
        expect(writersOn(path)).toEqual([]);
        expect(mounted).not.toContain(path);
      }
      expect(readdirSync(scratch)).toEqual([]);
      return output;
    }
  },
);

/** The writer of the moment's drive, or the launcher of any that still runs. None where all have ended. */
function victims(paths: readonly string[], { victim, moment }: Kill): number[] {
  if (victim === 'writer') return writersOn(paths[Number(moment[0]) - 1] ?? '');
  const [writer] = paths.flatMap((path) => writersOn(path));
  return writer === undefined ? [] : [launcherOf(writer)];
}
