import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { nameFrom, programName } from './program-name.ts';

test.each<[string, string[], string, string | null]>([
  ['a tool', ['dd', 'if=/dev/zero', 'of=/dev/sdb'], '/usr/bin/dd', 'dd'],
  ['a tool by its path', ['/usr/lib/udisks2/udisksd', '-x'], '/usr/lib/udisks2/udisksd', 'udisksd'],
  ['a script', ['node', '--inspect', '/srv/app/server.js', 'x'], '/usr/bin/node', 'node server.js'],
  ['a script of Python', ['python3.11', './copy.py'], '/usr/bin/python3.11', 'python3.11 copy.py'],
  ['a program on the command line', ['sh', '-c', 'mount x'], '/usr/bin/dash', 'sh'],
  ['a login shell', ['-bash'], '/usr/bin/bash', 'bash'],
  ['a sentence instead of arguments', ['node (vitest 1)'], '/usr/bin/node', 'node'],
  ['a program that was updated', [''], '/usr/bin/vim (deleted)', 'vim'],
  ['a thread of the kernel', [], '', null],
])('the name of %s', (_, words, exe, expected) => {
  expect(nameFrom(words, exe)).toBe(expected);
});

test('a running program is named by its script, not by its thread', async () => {
  const code = 'setTimeout(() => {}, 60_000); console.log(1)';
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    child.kill();
    await once(child, 'close');
  });
  await once(child.stdout, 'data');
  expect(await programName(String(child.pid))).toMatch(/^node\S*$/u);
});

test('a name with control characters can not write to the terminal', async () => {
  const child = spawn('sleep', ['60'], { argv0: '\u{1b}[2Jx', stdio: 'ignore' });
  onTestFinished(async () => {
    child.kill();
    await once(child, 'close');
  });
  await once(child, 'spawn');
  expect(await programName(String(child.pid))).toBe('?[2Jx');
});
