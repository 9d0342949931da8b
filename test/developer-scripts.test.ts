import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { electronRuntime } from '../scripts/electron-runtime.ts';
import { npm } from '../scripts/npm.js';
import { cli, SAMPLES } from './support/cli.ts';
import { tmpFolder } from './support/tmp.ts';
import { testNeeding, tool } from './support/tools.ts';

const ROOT = join(import.meta.dirname, '..');

afterEach(() => void vi.unstubAllEnvs());

test('npm is started by the program that npm names, not by a name that Windows does not find', () => {
  vi.stubEnv('npm_execpath', 'C:\\npm\\npm-cli.js');
  expect(npm(['run', 'x'])).toEqual([process.execPath, ['C:\\npm\\npm-cli.js', 'run', 'x']]);
  vi.stubEnv('npm_execpath', undefined);
  expect(npm(['run', 'x'])).toEqual(['npm', ['run', 'x']]);
});

test.each<[NodeJS.Platform, string]>([
  ['linux', 'electron'],
  ['win32', 'electron.exe'],
  ['darwin', 'Electron.app/Contents/MacOS/Electron'],
])('Electron’s runtime on %s is what its package says: %s', (platform, name) => {
  expect(electronRuntime('/x', platform)).toBe(`/x/node_modules/electron/dist/${name}`);
  const installer = readFileSync(join(ROOT, 'node_modules/electron/install.js'), 'utf8');
  expect(installer).toContain(`'${name}'`);
});

test.each([
  ['src/main/index.ts', 'eol: lf'],
  ['.ci/run', 'eol: lf'],
  ['test/fixtures/any.bin', 'text: unset'],
  ['test/fuzz/corpus/tar/any', 'text: unset'],
  ['LICENSE', 'text: unset'],
])('%s is checked out with %s, whatever the system', (path, attribute) => {
  const said = execFileSync('git', ['check-attr', '-a', path], { cwd: ROOT, encoding: 'utf8' });
  expect(said).toContain(attribute);
});

const sha256sum = tool('sha256sum');

testNeeding([sha256sum], 'the sums to compare systems are those of what is built', async () => {
  const [command, args] = npm(['run', '--silent', 'sums']);
  const said = execFileSync(command, args, { cwd: ROOT, encoding: 'utf8' });
  const sums = new Map(said.split('\n').map((line) => [line.slice(66), line.slice(0, 64)]));
  expect([...sums.keys()]).toEqual(
    expect.arrayContaining(['samples.img', 'samples/manifest.json']),
  );
  const tar = join(tmpFolder(), 'x.tar');
  const images = ['p1:p1_image.tgz:v1', 'p2:p2_image.tar.zst:v2', 'p3:p3_nozst_image.tar.xz'];
  const options = { cwd: SAMPLES, env: { SOURCE_DATE_EPOCH: '1795376050' } };
  const { exit } = await cli([...images.map((image) => `--image=${image}`), '-o', tar], options);
  expect(exit).toBe(0);
  const theirs = execFileSync(sha256sum.path, [tar], { encoding: 'utf8' }).slice(0, 64);
  expect(sums.get('samples.tar')).toBe(theirs);
});
