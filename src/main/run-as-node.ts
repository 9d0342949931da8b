import { spawn } from 'node:child_process';
import { constants } from 'node:os';

export interface NodeProgram {
  /** Resolves to what to exit with. */
  readonly ended: Promise<number>;
  /** Asks the program to end; after that, what it exits with is what `ended` says. */
  readonly stop: () => void;
}

/** The young generation of the command line is bounded: V8 would size it for the whole machine. */
const FLAGS = ['--max-semi-space-size=8'];

/**
 * Runs a script with this app's own binary as plain Node, on the same terminal. Electron itself cannot be the
 * command line: it replaces Node's handlers of signals, so that Ctrl-C would never be seen.
 */
export function runAsNode(script: string, args: readonly string[]): NodeProgram {
  const child = spawn(process.execPath, [...FLAGS, script, ...args], {
    stdio: 'inherit',
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
  return { ended, stop: () => void child.kill('SIGTERM') };
}
