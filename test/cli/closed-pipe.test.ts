import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listAll, SAMPLE_IMAGES } from '../support/cli.ts';
import { tmpFolder } from '../support/tmp.ts';

const CLI = join(import.meta.dirname, '../../src/main/cli/main.ts');

/** Runs the program itself; its reader goes away when it has read `until`. */
async function readUntil(until: string, args: readonly string[]) {
  const flags = ['--disable-warning=ExperimentalWarning', CLI];
  const child = spawn(process.execPath, [...flags, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
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
    expect(stderr).not.toMatch(/EPIPE|at .*\.ts:|FATAL/);
    expect(listAll(folder)).toEqual([]);
  },
);

test('a reader that goes away before the answer is no error of the program', async () => {
  const { stderr } = await readUntil('', ['--help']);
  expect(stderr).not.toMatch(/EPIPE|at .*\.ts:/);
});
