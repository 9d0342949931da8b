import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tmpFolder } from '../../../test/support/tmp.ts';
import { readImageArgument } from './paths.ts';

test('the version of an image is what stands behind a path that is there', () => {
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

// The system says ENOTDIR, ENAMETOOLONG and, to anybody but root, EACCES; whoever opens it says so again.
test.each(['a.tgz/x', 'x'.repeat(5000)])('what cannot be asked for is not there (%#)', (name) => {
  const folder = tmpFolder();
  writeFileSync(join(folder, 'a.tgz'), '');
  expect(readImageArgument(`p:${name}:v1`, folder).path).toBe(join(folder, `${name}:v1`));
});
