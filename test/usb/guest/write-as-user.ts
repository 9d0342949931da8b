/**
 * Run by an ordinary user on a terminal: writes, and is asked for a password by an agent that stands in
 * for a desktop's, or by pkexec itself. Arguments: device, `agent` or `terminal`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { checkElevation } from '../../../src/main/elevation/preflight.ts';
import { bundledEntries, findWriterProgram } from '../../../src/main/elevation/writer-program.ts';
import { writeImage } from './write-image.ts';

const ENTRIES = '/job/writer';

const [drive = '', askedBy] = process.argv.slice(2);
const stop = askedBy === 'agent' ? await startAgent() : () => undefined;
const result = await writeImage(
  '/job/stick.img',
  ENTRIES,
  { do: 'write', drive },
  {
    // The preflight looks for a desktop where an agent is to ask: there is none.
    beforeStart: () =>
      askedBy === 'agent'
        ? Promise.resolve()
        : checkElevation(findWriterProgram(bundledEntries(ENTRIES))),
    onPhase: () => undefined,
    onProgress: () => undefined,
  },
);
stop();
process.stdout.write(`\nRESULT ${JSON.stringify(result)}\n`);
process.exit();

/** Resolves when it is registered. */
async function startAgent(): Promise<() => void> {
  const args = ['--notify-fd', '3', '--process', String(process.pid)];
  const agent = spawn('/usr/bin/pkttyagent', args, {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  });
  // It closes the descriptor when it is ready.
  const notify = agent.stdio[3] as Readable;
  notify.resume();
  await once(notify, 'close');
  return () => void agent.kill();
}
