import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { tmpFolder } from '../../../../test/support/tmp.ts';
import { isAbandoned, partialPath } from '../target/partial-name.ts';
import { removeAbandoned } from './remove-abandoned.ts';

const alive = new AbortController().signal;
const onLinux = test.runIf(process.platform === 'linux');

/** The hidden path that a process would use which has ended since. */
function pathOfDead(path: string): string {
  const module = join(import.meta.dirname, '../target/partial-name.ts');
  const program = `import('${module}').then((it) => process.stdout.write(it.partialPath(${JSON.stringify(path)})))`;
  const { stdout } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
  expect(dirname(stdout)).toBe(dirname(path));
  return stdout;
}

/** With one part of the owner changed: pid, start, namespace, computer, boot. */
function changed(name: string, part: number, value: string): string {
  const parts = name.split('-');
  parts[part] = value;
  return parts.join('-');
}

onLinux('what a process has left that is gone is removed, files and folders', async () => {
  const folder = tmpFolder();
  const file = pathOfDead(join(folder, 'out.img'));
  writeFileSync(file, 'half');
  const tree = pathOfDead(join(folder, 'out'));
  mkdirSync(join(tree, 'data'), { recursive: true });
  writeFileSync(join(tree, 'data', 'ab12'), 'half');
  writeFileSync(join(folder, 'precious'), '');
  symlinkSync(join(folder, 'precious'), join(tree, 'link'));
  symlinkSync(folder, join(tree, 'data', 'loop'));
  await removeAbandoned(folder, alive);
  expect(readdirSync(folder)).toEqual(['precious']);
});

onLinux('what may still be made stays, and what others can change', async () => {
  const folder = tmpFolder();
  const dead = basename(pathOfDead(join(folder, 'out')));
  const names = {
    own: basename(partialPath(join(folder, 'out'))),
    'of an earlier version': '.out.0123abcd.partial',
    'of a container': changed(dead, 3, 'abc'),
    'of another computer': changed(dead, 4, '00000000'),
    'of our process, which a name alone cannot end': changed(dead, 1, process.pid.toString(36)),
    'without a dot': dead.slice(1),
  };
  // The one of them whose process is gone for sure: pids are given again, start times are not.
  const reused = names['of our process, which a name alone cannot end'];
  for (const [why, name] of Object.entries(names))
    expect(isAbandoned(name, true), why).toBe(name === reused);
  for (const name of Object.values(names)) writeFileSync(join(folder, name), '');
  mkdirSync(join(folder, `.another${dead}`));
  chmodSync(join(folder, `.another${dead}`), 0o777);
  symlinkSync(folder, join(folder, `.link${dead}`));
  const before = readdirSync(folder).filter((name) => name !== reused);
  await removeAbandoned(folder, alive);
  expect(readdirSync(folder)).toEqual(before);
});

onLinux('after a new start of the computer, only what no other one can be making is gone', () => {
  const name = basename(pathOfDead('/out')).replace(/[0-9a-f]{8}\.partial$/, '00000000.partial');
  expect(isAbandoned(name, true)).toBe(true);
  expect(isAbandoned(name, false)).toBe(false);
});

test('a hidden name fits, however long the own one is, and has whole characters', () => {
  const name = basename(partialPath(`/folder/${'あ'.repeat(85)}`));
  expect(Buffer.byteLength(name)).toBeLessThan(143);
  expect(name).toMatch(/^\.あ{20}\.[0-9a-f]{8}/u);
  expect(basename(partialPath('/folder/short'))).toMatch(/^\.short\.[0-9a-f]{8}/);
});
