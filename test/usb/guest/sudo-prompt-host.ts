/** Takes the place of the app's own program of this name: waits for the agent that speaks for it. */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { AGENT_READY, HOST_PID } from './rendezvous.ts';

writeFileSync(`${HOST_PID}.draft`, String(process.pid));
renameSync(`${HOST_PID}.draft`, HOST_PID);
while (!existsSync(AGENT_READY)) await sleep(20);
const host = '/job/writer/sudo-prompt-host.mjs';
await import(host);
