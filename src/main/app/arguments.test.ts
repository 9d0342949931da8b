import { expect, test } from 'vitest';
import { OPTION_NAMES } from '../cli/option-names.ts';
import { filesToOpen, isCommandLine, ownArguments, withoutRuntimeSwitches } from './arguments.ts';

test('the runtime’s own arguments are not ours', () => {
  expect(ownArguments(['/opt/app', 'a.tgz'], true)).toEqual(['a.tgz']);
  expect(ownArguments(['electron', '.', 'a.tgz'], false)).toEqual(['a.tgz']);
});

test('arguments of a second start are found behind the switches that Chromium puts first', () => {
  const extra = ['--allow-file-access-from-files', '--original-process-start-time=1'];
  const files = (argv: string[], packaged: boolean) =>
    filesToOpen(ownArguments(argv, packaged), '/home/kim');
  expect(files(['electron', ...extra, '.', 'a.tgz'], false)).toEqual(['/home/kim/a.tgz']);
  expect(files(['electron', ...extra, '/x/main.js', 'a.tgz'], false)).toEqual(['/home/kim/a.tgz']);
  expect(files(['/opt/app', ...extra, 'a.tgz'], true)).toEqual(['/home/kim/a.tgz']);
});

test.each([
  [['--image', 'a:/x.tgz:1'], true],
  [['--image=a:/x.tgz:1'], true],
  [['-h'], true],
  [['-o/x'], true],
  [['verify', '/x.tar'], true],
  [['drives', 'list'], true],
  [['--no-sandbox', 'verify', '/x.tar'], true],
  [['--no-sandbox', '--image', 'a:/x.tgz:1'], true],
  [[], false],
  [['/x/a_image.tgz'], false],
  [['/x/a_image.tgz', 'verify'], false],
  [['--no-sandbox', '/x/a.tgz'], false],
  [['--enable-features=X', '--user-data-dir=/x', '--lang=ja'], false],
  [['--v=1', '/x/a.tgz'], false],
  // Not in any list of ours.
  [['--a-switch-of-the-next-chromium', '/x/a.tgz'], false],
  [['-psn_0_12345'], false],
])('%j is meant for the command line: %s', (args, expected) => {
  expect(isCommandLine(args, OPTION_NAMES)).toBe(expected);
});

test('the command line does not see what AppImage puts before its arguments', () => {
  const args = ['--no-sandbox', 'verify', '--json', '/x.tar', '--mistyped'];
  expect(withoutRuntimeSwitches(args)).toEqual(['verify', '--json', '/x.tar', '--mistyped']);
});

test('everything that is no switch is opened', () => {
  expect(filesToOpen(['--no-sandbox', 'a.tgz', '/b.tgz'], '/home/kim')).toEqual([
    '/home/kim/a.tgz',
    '/b.tgz',
  ]);
});

test('an address of a file is opened as that file', () => {
  expect(filesToOpen(['file:///x/a%20b_%E6%96%B0.tgz'], '/home/kim')).toEqual(['/x/a b_新.tgz']);
  expect(filesToOpen(['file://server/a.tgz'], '/home/kim')[0]).toContain('server/a.tgz');
});
