import { expect, test } from 'vitest';
import { filesToOpen, isCommandLine, ownArguments } from './arguments.ts';

test('the runtime’s own arguments are not ours', () => {
  expect(ownArguments(['/opt/app', 'a.tgz'], true)).toEqual(['a.tgz']);
  expect(ownArguments(['electron', '.', 'a.tgz'], false)).toEqual(['a.tgz']);
});

test.each([
  [['--image', 'a:/x.tgz:1'], true],
  [['-h'], true],
  [['verify', '/x.tar'], true],
  [['drives', 'list'], true],
  [[], false],
  [['/x/a_image.tgz'], false],
  [['--no-sandbox', '/x/a.tgz'], false],
  [['--enable-features=X', '--user-data-dir=/x', '--lang=ja'], false],
])('%j is meant for the command line: %s', (args, expected) => {
  expect(isCommandLine(args)).toBe(expected);
});

test('everything that is no switch is opened', () => {
  expect(filesToOpen(['--no-sandbox', 'a.tgz', '/b.tgz'], '/home/kim')).toEqual([
    '/home/kim/a.tgz',
    '/b.tgz',
  ]);
});
