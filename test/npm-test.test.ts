import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { tmpFolder } from './support/tmp.ts';

const SCRIPTS = join(import.meta.dirname, '../scripts');

/**
 * Replaces a kind of test. Notes that it began and ended, waits for what is to run beside it, wants what
 * is to have ended before it, and leaves the results of its runner. Arguments: its name, names, names, and
 * what `npm test` adds.
 */
const KIND = `
import { existsSync, writeFileSync, appendFileSync } from 'node:fs';
const [name, beside, before, ...args] = process.argv.slice(2);
const names = (list) => list.split(',').filter((text) => text !== '');
writeFileSync(name + '.began', '');
while (names(beside).some((other) => !existsSync(other + '.began')))
  await new Promise((resolve) => setTimeout(resolve, 10));
const early = names(before).filter((other) => !existsSync(other + '.ended'));
const failed = early.length + (process.env.FAIL === name ? 1 : 0);
const file = args.find((arg) => arg.startsWith('--outputFile.json='))?.split('=')[1];
const skip = { status: 'skipped', annotations: [{ type: 'skip', description: 'needs x' }] };
const unexpected = { status: 'unexpected', results: [{ error: { message: 'the\\nwindow is red' } }] };
const specs = [{ file: 'a.spec.ts', title: 'opens', tests: failed > 0 ? [skip, unexpected] : [skip] }];
const suites = [{ specs }];
const stats = { expected: 2, flaky: 1, unexpected: failed, skipped: 1 };
const wrong = { status: 'failed', fullName: 'a thing works', failureMessages: ['Error: it does not\\n at x'] };
const testResults = failed > 0 ? [{ name: process.cwd() + '/test/a.test.ts', assertionResults: [wrong] }] : [];
const vitest = { numPassedTests: 10, numFailedTests: failed, numPendingTests: 0, numTodoTests: 0, testResults };
if (process.env.SILENT !== name) {
  if (name === 'e2e') writeFileSync(process.env.PLAYWRIGHT_JSON_OUTPUT_FILE, JSON.stringify({ stats, suites }));
  else if (file !== undefined) writeFileSync(file, JSON.stringify(vitest));
}
const line = (seconds, processor) => JSON.stringify({ file: process.cwd() + '/test/' + name + '.test.ts', seconds, processor }) + '\\n';
appendFileSync(process.env.TEST_TIMES, line(1, 0.5) + line(2, name === 'e2e' ? 7 : 1));
console.log('said by ' + name);
writeFileSync(name + '.ended', '');
process.exitCode = failed === 0 ? 0 : 1;
`;

const kind = (name: string, beside = '', before = '') =>
  `node kind.js ${name} "${beside}" "${before}"`;

const KINDS = {
  'test:unit': kind('unit', 'root'),
  e2e: kind('e2e', '', 'unit'),
  'test:root': kind('root', 'unit'),
  'prepare:vm': kind('vm', 'unit,root'),
  'test:usb': kind('usb', '', 'vm,root'),
};

let folder = '';

beforeEach(() => {
  folder = tmpFolder();
  mkdirSync(join(folder, 'scripts'));
  for (const name of ['test.js', 'test-times.js', 'npm.js'])
    copyFileSync(join(SCRIPTS, name), join(folder, 'scripts', name));
  writeFileSync(join(folder, 'scripts/setup-tests.js'), '');
  writeFileSync(join(folder, 'kind.js'), KIND);
});

function run(script: string, scripts: Record<string, string>, env: NodeJS.ProcessEnv = {}) {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', scripts }));
  const { status, stdout, stderr } = spawnSync(process.execPath, [`scripts/${script}`], {
    ...{ cwd: folder, encoding: 'utf8', env: { ...process.env, ...env } },
  });
  return { status, stdout, stderr, lines: stdout.trimEnd().split('\n') };
}

describe('`npm test`', () => {
  test('fails where a kind of test has no script, instead of leaving it out', () => {
    const { status, stderr } = run('test.js', { ...KINDS, 'test:usb': undefined } as never);
    expect(status).toBe(1);
    expect(stderr).toBe('package.json has no script test:usb: nothing would run these tests\n');
  });

  test('runs no test where the check fails', () => {
    const { status, stdout } = run('test.js', { ...KINDS, check: 'false' });
    expect(status).toBe(1);
    expect(stdout).toBe('');
  });

  test('runs rows side by side, their parts in order, and sums up alone on the last line; `npm run test:times` shows the files', () => {
    const { status, lines, stdout } = run('test.js', { ...KINDS, check: 'true' });
    expect(lines.at(-1), stdout).toBe('33 passed, 0 failed, 1 skipped');
    expect(lines).toContain('    1  needs x');
    for (const name of ['unit', 'root', 'e2e', 'vm', 'usb'])
      expect(lines).toContain(`said by ${name}`);
    for (const name of ['check', ...Object.keys(KINDS)])
      expect(stdout).toMatch(new RegExp(`^ +\\d+  ${name}$`, 'm'));
    expect(status).toBe(0);

    const times = run('test-times.js', KINDS);
    expect(times.lines.slice(0, 2)).toEqual([
      ' processor   seconds  file',
      '       7.5       3.0  test/e2e.test.ts',
    ]);
    expect(times.lines).toContain('      13.5      15.0  5 files');
    expect(times.stdout).toMatch(/^parts: packages \d+ s, check \d+ s, /m);
  });

  test('fails where a kind fails or leaves no results, and runs the others', () => {
    const env = { FAIL: 'root', SILENT: 'usb' };
    const { status, lines, stderr } = run('test.js', { ...KINDS, check: 'true' }, env);
    expect(lines.at(-1)).toBe('23 passed, 1 failed, 1 skipped');
    expect(stderr).toContain('test:root ended with exit status 1\n');
    expect(stderr).toContain('test:usb left no results\n');
    const at = lines.indexOf('Failed:');
    expect(lines[at + 1]).toBe('  test/a.test.ts: a thing works: Error: it does not at x');
    expect(status).toBe(1);
  });

  test('names what failed in a window', () => {
    const { lines } = run('test.js', { ...KINDS, check: 'true' }, { FAIL: 'e2e' });
    expect(lines).toContain('  e2e/a.spec.ts: opens: the window is red');
  });
});

test('`npm run test:times` says so where there are no times', () => {
  const { status, stderr } = run('test-times.js', KINDS);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^There are no times/);
});
