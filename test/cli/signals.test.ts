import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listAll, put, SAMPLE_IMAGES } from '../support/cli.ts';
import { tmpFolder } from '../support/tmp.ts';
import { testNeeding, tool } from '../support/tools.ts';

const CLI = join(import.meta.dirname, '../../src/main/cli');

/**
 * Runs a command as the program does; it gets `signal` when it first tells `until`, before anything where that is
 * empty. A second one would end it at once. `first` is run before.
 */
function signalled(args: readonly string[], signal: string, until: string, first = '') {
  const program = `
    import { Writable } from 'node:stream';
    import { open } from 'node:fs';
    import { interruption } from '${CLI}/interruption.ts';
    import { run } from '${CLI}/run.ts';
    const { signal, exitCode } = interruption(process);
    const { promise, resolve } = Promise.withResolvers();
    signal.addEventListener('abort', resolve);
    let sent = false;
    const end = () => {
      if (!sent) process.kill(process.pid, ${JSON.stringify(signal)});
      sent = true;
    };
    const stdout = new Writable({
      decodeStrings: false,
      write(text, _, done) {
        process.stdout.write(text);
        if (text.includes(${JSON.stringify(until)})) end();
        done();
      },
    });
    ${first}
    ${until === '' ? 'const alive = setInterval(() => undefined, 1000); end(); await promise; clearInterval(alive);' : ''}
    const { stderr, stdin, env } = process;
    process.exitCode = await exitCode(
      await run(${JSON.stringify(args)}, { stdout, stderr, stdin, env, cwd: '/', signal }),
    );`;
  const file = put(tmpFolder(), 'command.mjs', program);
  return spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', file], {
    encoding: 'utf8',
  });
}

test.skipIf(process.platform === 'win32').each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])('%s ends a build with exit code %i, and nothing is left', (signal, exit) => {
  const out = tmpFolder();
  const args = ['--json', ...SAMPLE_IMAGES, '-o', join(out, 'x.tar'), '-o', `${join(out, 'y')}/`];
  const { status, stdout, stderr } = signalled(args, signal, '"phase":"write"');
  expect(stdout).toContain('cancelled');
  expect(status, stderr).toBe(exit);
  expect(listAll(out)).toEqual([]);
});

test.skipIf(process.platform === 'win32').each(['verify', 'inspect', 'drives'])(
  'one Ctrl-C ends %s',
  (command) => {
    const args = command === 'drives' ? ['drives', 'list'] : [command, tmpFolder()];
    const { status, stderr } = signalled(args, 'SIGINT', '');
    expect(status, stderr).toBe(130);
  },
);

const mkfifo = tool('mkfifo');
testNeeding(
  [mkfifo],
  'a thread in a system call that never returns does not keep a command that was ended',
  () => {
    const fifo = join(tmpFolder(), 'fifo');
    execFileSync(mkfifo.path, [fifo]);
    const first = `open(${JSON.stringify(fifo)}, 'r', () => undefined);`;
    const { signal } = signalled(['verify', tmpFolder()], 'SIGTERM', '', first);
    expect(signal).toBe('SIGTERM');
  },
);

const sh = tool('sh');
testNeeding([sh], 'a command in a folder that was deleted says so', () => {
  const folder = join(tmpFolder(), 'gone');
  mkdirSync(folder);
  const node = `'${process.execPath}' --disable-warning=ExperimentalWarning '${CLI}/main.ts'`;
  const run = (args: string) =>
    spawnSync(sh.path, ['-c', `cd '${folder}' && rmdir '${folder}' && exec ${node} ${args}`], {
      encoding: 'utf8',
      env: { ...process.env, npm_lifecycle_event: '', LANG: 'C' },
    });
  const { status, stderr } = run('verify x.tar');
  expect(stderr).toMatch(
    /^Error: The folder in which this was started does not exist any more\.\n/,
  );
  expect(stderr).not.toMatch(/ENOENT|at .*\.ts/);
  expect(status).toBe(22);
  mkdirSync(folder);
  expect(run('--help').status).toBe(0);
});
