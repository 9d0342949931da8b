import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SAMPLES } from '../../../test/support/cli.ts';
import { tmpFolder } from '../../../test/support/tmp.ts';

const ROOT = join(import.meta.dirname, '../../..');
const HOOK = join(ROOT, 'test/support/asar-fs.js');

/** With an `fs` that takes `.asar` for an archive. */
function node(...args: string[]) {
  const options = ['--disable-warning=ExperimentalWarning', '--import', HOOK];
  return spawnSync(process.execPath, [...options, ...args], { encoding: 'utf8', cwd: ROOT });
}

test('the changed fs refuses what is called *.asar, as the oracle of the next test', () => {
  const path = join(tmpFolder(), 'x.asar');
  copyFileSync(join(SAMPLES, 'p1_image.tgz'), path);
  const read = `const fs = await import('node:fs/promises'); await fs.stat(${JSON.stringify(path)});`;
  const { status, stderr } = node('--input-type=module', '-e', read);
  expect(status).not.toBe(0);
  expect(stderr).toContain('Invalid package');
});

test('an image called *.asar is read, and outputs of such names are written and verified', () => {
  const folder = join(tmpFolder(), 'all.asar');
  mkdirSync(folder);
  const image = join(folder, 'p1.asar');
  copyFileSync(join(SAMPLES, 'p1_image.tgz'), image);
  const outputs = ['x.asar.tar', 'x.asar.img', 'x.asar/'].map((name) => join(folder, name));
  const cli = join(ROOT, 'src/main/cli/main.ts');
  const built = node(
    ...[cli, `--image=p1:${image}:1`, '--no-signature-check'],
    ...outputs.flatMap((output) => ['-o', output]),
  );
  expect(built.status, built.stderr).toBe(0);
  for (const output of outputs) {
    expect(existsSync(output)).toBe(true);
    const verified = node(cli, 'verify', output);
    expect(verified.status, verified.stderr).toBe(0);
  }
});
