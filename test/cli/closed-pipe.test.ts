import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listAll, SAMPLE_IMAGES } from '../support/cli.ts';
import { tmpFolder } from '../support/tmp.ts';
import { testNeeding, tool } from '../support/tools.ts';

const CLI = join(import.meta.dirname, '../../src/main/cli/main.ts');
const FLAGS = ['--disable-warning=ExperimentalWarning', CLI];
const TRACE = /EPIPE|ENOSPC|at .*\.ts:|FATAL/;

/** Runs the program itself; its reader goes away when it has read `until`. */
async function readUntil(until: string, args: readonly string[]) {
  const child = spawn(process.execPath, [...FLAGS, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (stdout.includes(until)) child.stdout.destroy();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [exit] = (await once(child, 'close')) as [number | null];
  return { exit, stdout, stderr };
}

test.each(['inspect', 'write'])(
  'a reader that goes away in the phase %s ends a build as Ctrl-C does',
  async (phase) => {
    const folder = tmpFolder();
    const args = ['--json', ...SAMPLE_IMAGES, '-o', `${join(folder, 'out')}/`];
    const { exit, stdout, stderr } = await readUntil(`"phase":"${phase}"`, args);
    expect(stdout).toContain(phase);
    expect(exit, stderr).toBe(130);
    expect(stderr).not.toMatch(TRACE);
    expect(listAll(folder)).toEqual([]);
  },
);

describe('a command', () => {
  const [image = ''] = SAMPLE_IMAGES;
  const build = (folder: string) => [image, '-o', join(folder, 'x.tar')];

  /** Runs the program with its results going into `stdout`, which is closed after it. */
  function runInto(stdout: number, args: readonly string[]) {
    try {
      return spawnSync(process.execPath, [...FLAGS, ...args], {
        stdio: ['ignore', stdout, 'pipe'],
        encoding: 'utf8',
      });
    } finally {
      closeSync(stdout);
    }
  }

  const mkfifo = tool('mkfifo');
  for (const [title, args, exit, left] of [
    ['whose result has no reader, says so by its exit code', build, 141, ['x.tar']],
    ['whose manual has no reader, says so by its exit code', () => ['--help'], 141, []],
    [
      'that had nothing to print is done without a reader',
      (out) => [...build(out), '-q'],
      0,
      ['x.tar'],
    ],
    ['that is wrong says that', () => [image], 22, []],
  ] as const satisfies (readonly [string, (out: string) => string[], number, string[]])[])
    testNeeding([mkfifo], title, () => {
      const out = tmpFolder();
      const fifo = join(tmpFolder(), 'fifo');
      execFileSync(mkfifo.path, [fifo]);
      const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
      const writer = openSync(fifo, 'w');
      closeSync(reader);
      const { status, stderr } = runInto(writer, args(out));
      expect(status, stderr).toBe(exit);
      expect(stderr).not.toMatch(TRACE);
      expect(listAll(out)).toEqual(left);
    });

  test.runIf(existsSync('/dev/full'))('whose result finds no room has failed', () => {
    const out = tmpFolder();
    const { status, stderr } = runInto(openSync('/dev/full', 'w'), build(out));
    expect(status, stderr).toBe(1);
    expect(stderr).not.toMatch(TRACE);
    expect(listAll(out)).toEqual(['x.tar']);
  });
});
