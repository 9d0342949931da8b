import { spawn, type ChildProcess } from 'node:child_process';
import { builderError, type BuilderError } from '../../shared/errors.ts';

export interface StartedWriter {
  /** Resolves when the writer, or the attempt to start it, has ended; tells what that means. */
  readonly ended: Promise<BuilderError>;
  /** To be called when it has connected: nobody is asked for a password any more. */
  connected(): void;
  /** Ends the attempt while it waits for a password. The writer itself ends with its connection. */
  kill(): void;
}

/** Turns how a process ended into what happened, for a writer that never connected. */
export type Explain = (code: number | null, output: string) => BuilderError;

/** What a Node has to be given to run a script with one argument; TypeScript in a checkout. */
export function nodeArguments(script: string, argument: string): string[] {
  return script.endsWith('.ts')
    ? ['--disable-warning=ExperimentalWarning', script, argument]
    : [script, argument];
}

/** Starts a program with only what it needs to know of our surroundings. */
export function launch(
  path: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): ChildProcess {
  const windows = process.platform === 'win32';
  // Options meant for another Node must not reach these.
  const rest = { ...environment };
  delete rest['NODE_OPTIONS'];
  // Windows calls it `Path`. Of two names that differ in case only, Node keeps one: not always the right one.
  const search = windows ? {} : { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  return spawn(path, args, {
    cwd: '/',
    env: { ...search, ...rest, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that ending it ends what it has started too. On Windows that would be a process
    // without a console, which PowerShell wants.
    detached: !windows,
    windowsHide: true,
  });
}

/** More than any of these programs has to say. Characters. */
const MAX_OUTPUT = 64 * 1024;

/** Collects what the process says, and explains its end by that. */
export function watch(child: ChildProcess, explain: Explain): StartedWriter {
  const { promise, resolve } = Promise.withResolvers<BuilderError>();
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(0, MAX_OUTPUT);
    });
  child.once('error', (error) => resolve(broke(error.message)));
  child.once('close', (code) => resolve(explain(code, output.trim())));
  return { ended: promise, connected: () => undefined, kill: () => end(child) };
}

function end(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    // Windows knows no groups: there this ends the process that asks.
    if (process.platform === 'win32') child.kill();
    else process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It has ended, or has changed to root, where it ends with its connection.
  }
}

/** The writer says why it does not start as one line of JSON. */
export function writersOwnWords(output: string): BuilderError | null {
  const line = output.split('\n').find((text) => text.startsWith('{"code":"writer-refused"'));
  const params = line === undefined ? null : (parse(line) as { params?: unknown } | null)?.params;
  const reason = (params as { reason?: unknown } | null | undefined)?.reason;
  return typeof reason === 'string' ? builderError('writer-refused', { reason }) : null;
}

/** An object of JSON; null for everything else. */
export function parse(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

export function broke(detail: string): BuilderError {
  return builderError('elevation-broken', { detail: detail.slice(0, 500) });
}
