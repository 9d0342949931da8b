import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';

const PKTTYAGENT = '/usr/bin/pkttyagent';

export function canAskOnTerminal(): boolean {
  return process.stderr.isTTY && existsSync(PKTTYAGENT);
}

/**
 * Has polkit ask for the password on the terminal when this process starts pkexec. pkexec has an agent of
 * its own for that, but it runs as root, and polkit then takes the answer for another user's ("No session
 * for cookie"). Resolves when the agent is registered; returns what ends it.
 */
export async function askOnTerminal(): Promise<() => void> {
  if (!canAskOnTerminal()) return () => undefined;
  const agent = spawn(PKTTYAGENT, ['--notify-fd', '3', '--process', String(process.pid)], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  });
  // It closes the descriptor when it is registered, and so does the system when it fails; pkexec then
  // tells that nobody can ask.
  const notify = agent.stdio[3] as Readable;
  notify.resume();
  await Promise.race([once(notify, 'close'), once(agent, 'exit')]);
  return () => void agent.kill();
}
