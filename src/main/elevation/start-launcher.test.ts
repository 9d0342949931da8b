import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { pretendPlatform } from '../../../test/support/platform.ts';
import { tmpFolder } from '../../../test/support/tmp.ts';
import { powershellArguments, quoted } from '../drives/powershell.ts';
import { explainSudo } from './mac-elevation.ts';
import { errorOutput, explainPkexec, explainSudoPrompt } from './start-launcher.ts';
import {
  elevatedLauncherFolder,
  explainUac,
  runElevatedLauncher,
  startByUac,
} from './windows-elevation.ts';
import { launch, watch } from './launcher-process.ts';

test.each([
  [126, 'Error executing command as another user: Request dismissed', 'elevation-cancelled'],
  [127, 'Error executing command as another user: Request dismissed', 'elevation-cancelled'],
  [127, 'Error executing command as another user: Not authorized', 'elevation-refused'],
  [
    127,
    'Error executing command as another user: No authentication agent found.',
    'elevation-missing',
  ],
  [
    127,
    'Error getting authority: Could not connect: No such file or directory',
    'elevation-missing',
  ],
  [127, '/usr/lib/x/write-drive: 7: exec: not found', 'elevation-broken'],
  [null, '', 'elevation-broken'],
  [1, '{"code":"writer-refused","params":{"reason":"x"}}', 'writer-refused'],
])('pkexec ends with %s, saying %j: %s', (code, output, expected) => {
  expect(explainPkexec(code, output).code).toBe(expected);
});

test.each([
  [{ code: null, message: 'Unable to find pkexec or kdesudo.', stderr: '' }, 'elevation-missing'],
  [
    { code: 127, message: 'No polkit authentication agent found.', stderr: '' },
    'elevation-missing',
  ],
  [
    { code: 126, message: 'User did not grant permission.', stderr: 'Request dismissed' },
    'elevation-cancelled',
  ],
  [
    { code: 127, message: 'User did not grant permission.', stderr: 'Not authorized' },
    'elevation-refused',
  ],
  [{ code: 1, message: 'Command failed', stderr: 'no such file' }, 'elevation-broken'],
])('sudo-prompt answers %j: %s', (answer, expected) => {
  expect(explainSudoPrompt(0, JSON.stringify(answer)).code).toBe(expected);
});

test('an answer that is none', () => {
  expect(explainSudoPrompt(1, 'Segmentation fault').code).toBe('elevation-broken');
});

test.each([
  ['elevation: error 1223 ユーザーによって取り消されました', 'elevation-cancelled'],
  ['elevation: error 1260 blocked', 'elevation-refused'],
  ['elevation: error 5 denied', 'elevation-refused'],
  ['elevation: error 0 The system cannot find the file', 'elevation-broken'],
  ['elevation: exit 1', 'elevation-broken'],
  ['elevation: exit -1073741515', 'elevation-broken'],
  ['', 'elevation-broken'],
])('PowerShell says %j: %s', (output, expected) => {
  expect(explainUac(0, output).code).toBe(expected);
});

test.each([
  ['sudo: no password was provided\nsudo: a password is required', 'elevation-cancelled'],
  ['sudo: 3 incorrect password attempts', 'elevation-refused'],
  ['sudo: 1 incorrect password attempt', 'elevation-refused'],
  ['taro is not in the sudoers file.', 'elevation-refused'],
  ['{"code":"writer-refused","params":{"reason":"x"}}', 'writer-refused'],
  ['env: no such file', 'elevation-broken'],
])('sudo says %j: %s', (output, expected) => {
  expect(explainSudo(1, output).code).toBe(expected);
});

test.each([
  ['C:\\Users\\太郎', "'C:\\Users\\太郎'"],
  ["O'Neil & Co", "'O''Neil & Co'"],
  ['O’Neil $(calc) `x`', "'O’’Neil $(calc) `x`'"],
])('%s is a literal of PowerShell', (text, literal) => {
  expect(quoted(text)).toBe(literal);
});

test('a script reaches PowerShell past all code pages', () => {
  const encoded = powershellArguments(["'太郎'"]).at(-1) ?? '';
  expect(encoded).toMatch(/^[A-Za-z0-9+/=]+$/u);
  expect(Buffer.from(encoded, 'base64').toString('utf16le')).toContain("'太郎'");
});

test('on Windows the packaged app is the launcher where its first argument says so, and nowhere else', () => {
  const args = ['--elevated-launcher=C:\\jobs'];
  expect(elevatedLauncherFolder(args)).toBeNull();
  pretendPlatform('win32');
  expect(elevatedLauncherFolder(args)).toBe('C:\\jobs');
  expect(elevatedLauncherFolder(['a.tgz', ...args])).toBeNull();
  expect(elevatedLauncherFolder([])).toBeNull();
});

test('the app that is the launcher ends with its exit status', async () => {
  const launcher = join(tmpFolder(), 'launcher.mjs');
  writeFileSync(launcher, 'process.exitCode = process.argv[2] === "the jobs" ? 7 : 1;');
  expect(await runElevatedLauncher(launcher, 'the jobs')).toBe(7);
});

test('on Windows no second name of the search path is set, and elsewhere ours is', async () => {
  const environment = async () => {
    const child = launch('/usr/bin/env', [], { Path: 'C:\\Windows', NODE_OPTIONS: '--bad' });
    let output = '';
    child.stdout?.on('data', (bytes: Buffer) => (output += bytes.toString()));
    await once(child, 'close');
    return output.split('\n').filter((line) => /^(path|node_options)=/iu.test(line));
  };
  expect(await environment()).toEqual(['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'Path=C:\\Windows']);
  pretendPlatform('win32');
  expect(await environment()).toEqual(['Path=C:\\Windows']);
});

test.each<NodeJS.Platform>(['linux', 'win32'])(
  'on %s a cancel ends the program that asks at once',
  async (platform) => {
    pretendPlatform(platform);
    const group = vi.spyOn(process, 'kill');
    const writer = watch(launch('/bin/sleep', ['1000'], {}), () => explainSudo(null, 'ended'));
    writer.kill();
    expect((await writer.ended).code).toBe('elevation-broken');
    // Windows has no groups: a negative number names nothing there.
    expect(group.mock.calls.some(([pid]) => pid < 0)).toBe(platform === 'linux');
    group.mockRestore();
  },
);

test.each([
  [
    'the packaged app',
    'resources\\app.asar.unpacked\\out\\writer\\launcher.mjs',
    /^"--elevated-launcher=C:\\my jobs"$/u,
  ],
  [
    'another Node',
    'out\\writer\\launcher.mjs',
    /^"C:\\太郎\\out\\writer\\launcher.mjs" "C:\\my jobs"$/u,
  ],
])(
  'UAC is asked for %s by its own path, with arguments that hold spaces',
  async (_, launcher, words) => {
    const root = tmpFolder();
    const powershell = join(root, 'System32/WindowsPowerShell/v1.0/powershell.exe');
    mkdirSync(dirname(powershell), { recursive: true });
    const asked = join(root, 'asked');
    const lines = ['#!/bin/sh', 'for word; do :; done', `printf %s "$word" > '${asked}'`];
    writeFileSync(powershell, lines.join('\n'));
    chmodSync(powershell, 0o755);
    vi.stubEnv('SystemRoot', root);
    pretendPlatform('win32');
    const entries = { launcher: `C:\\太郎\\${launcher}`, writer: '', sudoPromptHost: '' };
    const program = {
      kind: 'own',
      runtime: 'C:\\太郎\\app.exe',
      entries,
      copyWriter: false,
    } as const;
    const folder = { path: 'C:\\my jobs', jobs: [], remove: () => Promise.resolve() };
    await startByUac(program, folder).ended;
    const script = Buffer.from(readFileSync(asked, 'utf8'), 'base64').toString('utf16le');
    expect(script).toContain("-FilePath 'C:\\太郎\\app.exe' -ArgumentList '");
    expect(
      /-ArgumentList '([^']*)' -Verb RunAs -WindowStyle Hidden -Wait -PassThru/u.exec(script)?.[1],
    ).toMatch(words);
    vi.unstubAllEnvs();
  },
);

/** A process that prints what the launcher prints: the first writer has ended, another still runs. */
const REPORT = JSON.stringify({
  ended: 'job-1',
  status: 1,
  words: '{"code":"writer-refused","params":{"reason":"first"}}',
});

test('the end of one writer is known while the launcher still runs', async () => {
  const child = launch('/bin/sh', ['-c', `echo '${REPORT}' >&2; exec sleep 1000`], {});
  const launcher = watch(child, () => explainSudo(null, 'ended'));
  let ended = false;
  void launcher.ended.then(() => (ended = true));
  expect(await launcher.writerEnded('job-1')).toMatchObject({
    data: { code: 'writer-refused', params: { reason: 'first' } },
  });
  expect(ended).toBe(false);
  launcher.kill();
  expect((await launcher.writerEnded('job-2')).code).toBe('elevation-broken');
});

test('behind sudo-prompt, the end of a writer is known when the launcher has ended', async () => {
  const answer = JSON.stringify({ code: 1, message: 'Command failed', stderr: `${REPORT}\n` });
  const child = launch('/bin/sh', ['-c', 'printf %s "$1"', 'sh', answer], {});
  const launcher = watch(child, explainSudoPrompt, errorOutput);
  expect((await launcher.writerEnded('job-1')).data.params).toEqual({ reason: 'first' });
  expect((await launcher.writerEnded('job-2')).code).toBe('elevation-broken');
});
