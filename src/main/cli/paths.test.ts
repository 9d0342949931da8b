import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pretendPlatform } from '../../../test/support/platform.ts';
import { tmpFolder } from '../../../test/support/tmp.ts';
import { readImageArgument } from './paths.ts';

test('the version of an image is what follows an existing path', () => {
  const folder = tmpFolder();
  writeFileSync(join(folder, 'a:b.tgz'), '');
  mkdirSync(join(folder, 'unpacked'));
  const read = (argument: string) => {
    const { path, version } = readImageArgument(argument, folder);
    return { path, version };
  };
  const at = (name: string) => join(folder, name);
  expect(read('p:a:b.tgz:v1')).toEqual({ path: at('a:b.tgz'), version: 'v1' });
  expect(read('p:a:b.tgz')).toEqual({ path: at('a:b.tgz'), version: '' });
  expect(read('p:unpacked:v1')).toEqual({ path: at('unpacked'), version: 'v1' });
  expect(read('p:missing:v1')).toEqual({ path: at('missing:v1'), version: '' });
});

// The system says ENOTDIR, ENAMETOOLONG and, to all but root, EACCES; opening it reports that again.
test.each(['a.tgz/x', 'x'.repeat(5000)])('what cannot be asked for is not there (%#)', (name) => {
  const folder = tmpFolder();
  writeFileSync(join(folder, 'a.tgz'), '');
  expect(readImageArgument(`p:${name}:v1`, folder).path).toBe(join(folder, `${name}:v1`));
});

test.each<[NodeJS.Platform, string]>([
  ['win32', 'C:\\images\\a.tgz'],
  ['win32', 'c:/images/a.tgz:v1'],
  ['linux', 'C:\\images\\a.tgz'],
])('on %s, %s is a path without an ECU ID', (platform, argument) => {
  pretendPlatform(platform);
  expect(() => readImageArgument(argument, '/')).toThrow('usage-image-drive-letter');
});

test('where no path begins with a drive letter, one letter is an ECU ID', () => {
  expect(readImageArgument('c:/images/a.tgz', '/')).toMatchObject({ ecuId: 'c' });
});

test.each([':C:\\a.zip', 'p1:C:\\a.tgz', 'p1:\\\\server\\a.tgz'])(
  'on Windows, %s has an ECU ID before its path',
  (argument) => {
    pretendPlatform('win32');
    const ecuId = argument.startsWith(':') ? null : 'p1';
    expect(readImageArgument(argument, '/')).toMatchObject({ ecuId });
  },
);
