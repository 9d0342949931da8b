import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LongRun } from '../long-run/builds.ts';
import { loopDevice } from '../support/loop.ts';
import { tmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices, tool } from '../support/tools.ts';

const MIB = 1024 * 1024;
const BUILDS = process.env['NIGHTLY'] === '1' ? 500 : 30;

/**
 * What the builds after the first ten may add: code that is compiled late, pools of the allocator. One leaked window ring (8 MiB), or one
 * inspected image a build, is more.
 */
const MAX_HEAP_GROWTH = 8 * MIB;
const MAX_RESIDENT_GROWTH = 64 * MIB;

async function runBuilds(
  args: readonly string[],
  temporary: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<LongRun> {
  const program = join(import.meta.dirname, '../long-run/builds.ts');
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--disable-warning=ExperimentalWarning', program, ...args],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ...environment, TMPDIR: temporary },
    },
  );
  const reported: LongRun[] = [];
  child.on('message', (message) => reported.push(message as LongRun));
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('close', resolve);
  const code = await promise;
  const [run] = reported;
  if (code !== 0 || run === undefined) throw new Error(`the builds ended with ${String(code)}`);
  return run;
}

/** Mounts and loop devices at or of our own places; others on the machine come and go. */
function usersOf(places: readonly string[]): { mounts: string[]; loops: string[] } {
  const ours = (lines: string) =>
    lines.split('\n').filter((line) => {
      const words = line.split(/\s+/);
      return places.some((place) => words.some((w) => w === place || w.startsWith(`${place}/`)));
    });
  const list = ['--list', '--noheadings', '--output', 'NAME,BACK-FILE'];
  return {
    mounts: ours(readFileSync('/proc/self/mountinfo', 'utf8')),
    loops: ours(execFileSync(tool('losetup').path, list, { encoding: 'utf8' })),
  };
}

describeNeeding([needsLoopDevices()], `${BUILDS} builds in a row`, () => {
  test('leave nothing behind: no file, handle, thread, process, mount, loop device or memory', async () => {
    const device = loopDevice({ size: 16 * MIB });
    const temporary = tmpFolder();
    const folder = tmpFolder();
    const places = [folder, temporary, device.path];
    const before = usersOf(places);
    // The oracle sees what is there: the device of this test itself.
    expect(before).toMatchObject({ mounts: [], loops: [expect.stringContaining(device.path)] });
    const args = [String(BUILDS), '20261124', folder, device.path];
    const { early, late, outcomes } = await runBuilds(args, temporary);
    // The run meant something: some were done, some were cancelled, some failed, sticks among them.
    for (const outcome of ['done', 'stick', 'cancelled', 'blob-corrupt'])
      expect(outcomes[outcome], JSON.stringify(outcomes)).toBeGreaterThan(0);
    expect(late.files).toEqual(early.files);
    expect(late.threads).toBeLessThanOrEqual(early.threads);
    expect(late.resources).toEqual(early.resources);
    expect([early.children, late.children]).toEqual(['', '']);
    expect([...early.left, ...late.left, ...readdirSync(temporary)]).toEqual([]);
    expect(late.heap - early.heap).toBeLessThan(MAX_HEAP_GROWTH);
    expect(late.resident - early.resident).toBeLessThan(MAX_RESIDENT_GROWTH);
    expect(usersOf(places)).toEqual(before);
    // On a busy machine a build takes half a minute.
  }, 18_000_000);

  test('would be seen to leave something', async () => {
    const { early, late } = await runBuilds(['12', '7', tmpFolder()], tmpFolder(), { LEAK: '1' });
    expect(late.files.length).toBeGreaterThan(early.files.length);
    expect(late.threads).toBeGreaterThan(early.threads);
    expect(late.resources.length).toBeGreaterThan(early.resources.length);
    expect(late.children).not.toBe('');
    expect(late.left).toEqual(['.left.partial']);
    expect(late.heap - early.heap).toBeGreaterThan(MAX_HEAP_GROWTH);
    expect(late.resident - early.resident).toBeGreaterThan(MAX_RESIDENT_GROWTH);
  }, 300_000);
});
