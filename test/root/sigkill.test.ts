import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { bundledPrograms } from '../support/bundled-programs.ts';
import { COMPILE_CACHE } from '../support/compile-cache.ts';
import { attachLoop, loopDevice, type LoopDevice } from '../support/loop.ts';
import { LABEL, labelOf, makeStickImage } from '../support/stick-image.ts';
import { sharedTmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices, tool } from '../support/tools.ts';
import { writersOn } from '../support/writers.ts';

const MIB = 1024 * 1024;
const SIZE = 32 * MIB;
const ROUNDS = process.env['NIGHTLY'] === '1' ? 200 : 20;
const ROUNDS_PER_TEST = 10;
const SEED = 20_230_808;

/** Where a step begins; of all moments the fewest. */
const STEPS = ['open', 'prepare', 'write', 'flush', 'verify', 'commit', 'committed'];

interface Kill {
  readonly victim: 'app' | 'writer';
  /** A line of stick-app.ts. */
  readonly moment: string;
}

describeNeeding(
  [needsLoopDevices(), tool('mke2fs'), tool('debugfs'), tool('blkid')],
  'killed',
  () => {
    const shared = sharedTmpFolder();
    let image: Buffer;
    /** A finished stick of another day: same label, other contents. */
    let old: Buffer;
    let programs = '';
    const labels = { none: 0, old: 0, new: 0 };

    beforeAll(() => {
      programs = bundledPrograms();
      image = Buffer.from(makeStickImage(shared(), SIZE - MIB, 24 * MIB));
      old = Buffer.from(image.map((byte, index) => (index < 4096 ? byte : byte ^ 0xff)));
    });

    test.each(['app', 'writer'] as const)(
      'the %s where each step begins: never a label unless all is right',
      async (victim) => {
        await killAll(STEPS.map((moment) => ({ victim, moment })));
      },
    );

    const groups = Array.from({ length: ROUNDS / ROUNDS_PER_TEST }, (_, group) => group);

    test.each(groups)(
      `at ${String(ROUNDS_PER_TEST)} random moments (seed ${String(SEED)} + %i): never a label unless all is right`,
      async (group) => {
        await killAll(randomKills(SEED + group, ROUNDS_PER_TEST));
      },
    );

    test('which found sticks of every kind', () => {
      // Otherwise the kills came too late, or nothing was ever wiped.
      expect(labels.none).toBeGreaterThan(ROUNDS / 4);
      expect(labels.old).toBeGreaterThan(0);
    });

    test('and the next run works', async () => {
      const device = loopDevice({ size: SIZE });
      await run(device, { victim: 'app', moment: 'written 8' });
      expect(labelOf(device.path)).toBe('');
      expect(await run(device, null)).toContain('done');
      expect(labelOf(device.path)).toBe(LABEL);
      expect(contentOf(device)).toBe('new');
      expect(spawnSync(tool('e2fsck').path, ['-fn', device.path]).status).toBe(0);
    });

    /** Two at a time: each waits for its processes most of the time. */
    async function killAll(kills: Kill[]): Promise<void> {
      const lane = async (): Promise<void> => {
        for (let kill = kills.pop(); kill !== undefined; kill = kills.pop()) await round(kill);
      };
      await Promise.all([lane(), lane()]);
    }

    async function round(kill: Kill): Promise<void> {
      const what = `${kill.victim} at ${kill.moment}`;
      const device = attachLoop({
        size: SIZE,
        fill: (file) => writeFileSync(file, old, { flag: 'r+' }),
      });
      try {
        const output = await run(device, kill);
        if (kill.victim === 'writer')
          // Unless it had done everything before it was killed.
          expect(output, what).toMatch(/^(failed \{"code":"writer-lost"|done)/m);
        if (labelOf(device.path) === '') {
          labels.none++;
          return;
        }
        // Before anything was cleared all is as it was; after the commit all is what was written.
        const content = contentOf(device);
        expect(content, what).not.toBe('mixed');
        if (content !== 'mixed') labels[content]++;
      } finally {
        device.release();
      }
    }

    function contentOf({ file }: LoopDevice): 'old' | 'new' | 'mixed' {
      const content = readFileSync(file).subarray(0, image.length);
      if (content.equals(image)) return 'new';
      return content.equals(old) ? 'old' : 'mixed';
    }

    /** Runs the app to its end, which may be a kill; nothing is left then but its output. */
    async function run({ path }: LoopDevice, kill: Kill | null): Promise<string> {
      const scratch = mkdtempSync(join(shared(), 'scratch-'));
      const output = await writeAndKill([join(shared(), 'stick.img'), path, programs], kill, {
        PATH: process.env['PATH'],
        ...COMPILE_CACHE,
        TMPDIR: scratch,
      });
      // The writer notices at once, but finishes the request that the device has.
      for (let tries = 0; writersOn(path).length > 0 && tries < 100; tries++) await sleep(50);
      expect(writersOn(path)).toEqual([]);
      expect(readFileSync('/proc/self/mountinfo', 'utf8').split(/\s/)).not.toContain(path);
      expect(readdirSync(scratch)).toEqual([]);
      return output;
    }
  },
);

/** Moments all over a write, the same for the same seed. */
function randomKills(seed: number, count: number): Kill[] {
  const mebibytes = Array.from({ length: SIZE / MIB - 2 }, (_, index) => String(index + 1));
  const moments = [
    ...STEPS,
    ...mebibytes.map((mebibyte) => `written ${mebibyte}`),
    ...mebibytes.map((mebibyte) => `verified ${mebibyte}`),
  ];
  let state = seed;
  const random = (below: number): number => {
    // Of Numerical Recipes; its high bits are good enough here.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: count }, () => ({
    victim: random(2) === 0 ? 'app' : 'writer',
    moment: moments[random(moments.length)] ?? 'open',
  }));
}

/** Runs the app, kills the victim when the moment's line comes; resolves when the app has ended. */
async function writeAndKill(
  args: readonly string[],
  kill: Kill | null,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const script = join(import.meta.dirname, '../support/stick-app.ts');
  const app = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  let output = '';
  createInterface({ input: app.stdout }).on('line', (line) => {
    output += `${line}\n`;
    if (line !== kill?.moment) return;
    if (kill.victim === 'app') app.kill('SIGKILL');
    else for (const pid of writersOn(args[1] ?? '')) process.kill(pid, 'SIGKILL');
  });
  await once(app, 'close');
  return output;
}
