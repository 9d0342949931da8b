/**
 * Run by an ordinary user on a terminal: writes, and is asked for a password by an agent that replaces
 * for a desktop's, or by what the app starts itself. Arguments: device, `agent` or `terminal`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertElevation } from '../../../src/main/elevation/preflight.ts';
import { bundledEntries, findWriterProgram } from '../../../src/main/elevation/writer-program.ts';
import { AGENT_READY, HOST_PID } from './rendezvous.ts';
import { writeImage } from './write-image.ts';

const [drive = '', askedBy] = process.argv.slice(2);
let entries = bundledEntries('/job/writer');
if (askedBy === 'agent') {
  entries = { ...entries, sudoPromptHost: '/job/guest/sudo-prompt-host.mjs' };
  for (const path of [HOST_PID, AGENT_READY]) rmSync(path, { force: true });
  void startAgentForHost();
}
const result = await writeImage(
  '/job/stick.img',
  entries,
  { do: 'write', drive },
  {
    // The preflight would miss the desktop that the agent replaces.
    beforeStart: () =>
      askedBy === 'agent'
        ? Promise.resolve()
        : assertElevation(findWriterProgram(entries, 'write')),
    onPhase: () => undefined,
    onWritten: () => undefined,
  },
);
process.stdout.write(`\nRESULT ${JSON.stringify(result)}\n`);
process.exit();

/** On a desktop one agent serves everything; here it speaks for the process that starts pkexec. */
async function startAgentForHost(): Promise<void> {
  while (!existsSync(HOST_PID)) await sleep(20);
  const host = readFileSync(HOST_PID, 'utf8');
  const agent = spawn('/usr/bin/pkttyagent', ['--notify-fd', '3', '--process', host], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  });
  process.once('exit', () => void agent.kill());
  // It closes the descriptor when it is ready.
  const notify = agent.stdio[3] as Readable;
  notify.resume();
  await once(notify, 'close');
  writeFileSync(AGENT_READY, '');
}
