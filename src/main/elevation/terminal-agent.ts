import { execFileSync, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';

const PKTTYAGENT = '/usr/bin/pkttyagent';
const STTY = '/usr/bin/stty';

export function canAskOnTerminal(program = PKTTYAGENT): boolean {
  return process.stderr.isTTY && existsSync(program);
}

/**
 * Has polkit ask for the password on the terminal when this process starts pkexec. pkexec has an agent of
 * its own for that, but it runs as root, and polkit then takes the answer for another user's ("No session
 * for cookie"). Resolves when the agent is registered; returns what ends it.
 * @param program for tests.
 */
export async function askOnTerminal(program = PKTTYAGENT): Promise<() => void> {
  if (!canAskOnTerminal(program)) return () => undefined;
  const restore = rememberTerminal();
  const agent = spawn(program, ['--notify-fd', '3', '--process', String(process.pid)], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  });
  // A Ctrl-C ends it in the middle of its question, with the echo of what is typed switched off.
  agent.once('exit', restore);
  // It closes the descriptor when it is registered, and so does the system when it fails; pkexec then
  // says that there is no agent.
  const notify = agent.stdio[3] as Readable;
  notify.resume();
  await Promise.race([once(notify, 'close'), once(agent, 'exit')]);
  return () => {
    agent.kill();
    // This process may end before it hears of the agent's end.
    restore();
  };
}

/** Returns what gives the terminal its present settings again. */
function rememberTerminal(): () => void {
  const settings = stty('-g');
  return () => {
    if (settings !== null) stty(settings);
  };
}

/** null where there is no terminal (any more), or no stty. */
function stty(argument: string): string | null {
  let terminal: number | null = null;
  try {
    terminal = openSync('/dev/tty', 'r+');
    const stdio: StdioOptions = [terminal, 'pipe', 'ignore'];
    return execFileSync(STTY, [argument], { stdio, encoding: 'utf8' }).trim();
  } catch {
    return null;
  } finally {
    if (terminal !== null) closeSync(terminal);
  }
}
