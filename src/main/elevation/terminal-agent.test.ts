import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { put } from '../../../test/support/cli.ts';
import { tmpFolder } from '../../../test/support/tmp.ts';
import { describeNeeding, tool } from '../../../test/support/tools.ts';

/** Asks as pkttyagent does: echo off, registered, and then no input. */
const AGENT = `#!/bin/sh
stty -echo </dev/tty
exec 3>&-
exec sleep 60
`;

/** What a program does with the agent while it asks, run on a terminal of its own. */
function onTerminal(end: string): string {
  const folder = tmpFolder();
  const agent = put(folder, 'agent', AGENT);
  chmodSync(agent, 0o755);
  const program = put(
    folder,
    'program.ts',
    `import { execFileSync } from 'node:child_process';
     import { askOnTerminal } from ${JSON.stringify(join(import.meta.dirname, 'terminal-agent.ts'))};
     const show = (when: string): void => {
       const all = execFileSync('stty', ['-a'], { stdio: ['inherit', 'pipe', 'inherit'], encoding: 'utf8' });
       console.log(when, all.split(/[\\s;]+/).find((word) => /^-?echo$/.test(word)));
     };
     process.on('SIGINT', () => undefined);
     show('before');
     const stop = await askOnTerminal(${JSON.stringify(agent)});
     show('asking');
     ${end}
     process.on('exit', () => show('after'));`,
  );
  const node = `exec ${process.execPath} --disable-warning=ExperimentalWarning ${program}`;
  return execFileSync('script', ['-qec', node, '/dev/null'], { encoding: 'utf8' });
}

const WHOLE = ['before echo', 'asking -echo', 'after echo'];
const lines = (text: string): string[] =>
  text.split('\r\n').filter((line) => /^(before|asking|after)/.test(line));

describeNeeding(
  [tool('script')],
  'the terminal shows again what is typed when the agent was ended',
  () => {
    test('by us', () => {
      expect(lines(onTerminal('stop();'))).toEqual(WHOLE);
    });

    test('by Ctrl-C, of which this process hears too', () => {
      // As the kernel does: to everybody in the foreground of the terminal.
      expect(lines(onTerminal(`process.kill(0, 'SIGINT');`))).toEqual(WHOLE);
    });
  },
);
