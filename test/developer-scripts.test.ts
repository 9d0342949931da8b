import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { electronRuntime } from '../scripts/electron-runtime.ts';
import { npm } from '../scripts/npm.js';

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
