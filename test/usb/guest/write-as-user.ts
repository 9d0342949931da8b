/** Run by an ordinary user on a terminal: starts the agent that asks there, then writes. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeImage } from './write-image.ts';

const [drive = ''] = process.argv.slice(2);
const agent = spawn('/usr/bin/pkttyagent', ['--process', String(process.pid)], {
  stdio: 'inherit',
});
await sleep(2_000);
// The terminal stands in for a desktop, which the preflight would look for.
const result = await writeImage(
  '/job/stick.img',
  '/job/writer',
  { do: 'write', drive },
  { beforeStart: () => Promise.resolve(), onPhase: () => undefined, onProgress: () => undefined },
);
agent.kill();
process.stdout.write(`\nRESULT ${JSON.stringify(result)}\n`);
process.exit();
