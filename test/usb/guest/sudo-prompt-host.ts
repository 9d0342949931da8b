/**
 * Takes the place of the app's own program of this name. On a desktop one agent speaks for the whole
 * session; here it speaks for one process, which must be the one that starts pkexec. So this waits for
 * it, and has the shell of sudo-prompt give way to pkexec.
 */
import childProcess from 'node:child_process';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundledEntries } from '../../../src/main/elevation/writer-program.ts';
import { AGENT_READY, HOST_PID } from './rendezvous.ts';

writeFileSync(`${HOST_PID}.draft`, String(process.pid));
renameSync(`${HOST_PID}.draft`, HOST_PID);
while (!existsSync(AGENT_READY)) await sleep(20);

const exec = childProcess.exec as (command: string, ...rest: unknown[]) => unknown;
Object.assign(childProcess, {
  exec: (command: string, ...rest: unknown[]) =>
    exec(command.replace('"/usr/bin/pkexec"', 'exec "/usr/bin/pkexec"'), ...rest),
});
syncBuiltinESMExports();
await import(bundledEntries('/job/writer').sudoPromptHost);
