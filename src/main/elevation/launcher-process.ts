import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { builderError, type BuilderError } from '../../shared/errors.ts';
import { decodeReport } from '../../shared/launcher-report.ts';

export interface StartedLauncher {
  /** Resolves when the launcher, or the attempt to start it, has ended, to what that means. */
  readonly ended: Promise<BuilderError>;
  /**
   * As `ended`, for the writer of one job. Resolves while others still run where the way of elevation passes
   * the launcher's output on at once; sudo-prompt and Windows do not.
   */
  writerEnded(job: string): Promise<BuilderError>;
  /** To be called when a writer has connected: the password was given. */
  connected(): void;
  /** Ends the attempt while it waits for a password. Writers themselves end with their connections. */
  kill(): void;
}

/** Turns how a process ended into what happened, for writers that never connected. */
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

/**
 * Collects what the process says, and explains its end by that.
 * @param launcherOutput finds what the launcher printed in the process's whole output.
 */
export function watch(
  child: ChildProcess,
  explain: Explain,
  launcherOutput: (output: string) => string = (output) => output,
): StartedLauncher {
  const ended = Promise.withResolvers<BuilderError>();
  const writers = new Map<string, PromiseWithResolvers<BuilderError>>();
  const writer = (job: string): PromiseWithResolvers<BuilderError> => {
    const known = writers.get(job) ?? Promise.withResolvers<BuilderError>();
    writers.set(job, known);
    return known;
  };
  const report = (line: string): void => {
    const found = decodeReport(line);
    if (found === null) return;
    const { words, status } = found;
    writer(found.ended).resolve(writersOwnWords(words) ?? broke(`${words} (${String(status)})`));
  };
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(0, MAX_OUTPUT);
    });
  if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', report);
  child.once('error', (error) => ended.resolve(broke(error.message)));
  child.once('close', (code) => {
    for (const line of launcherOutput(output).split('\n')) report(line);
    ended.resolve(explain(code, output.trim()));
  });
  return {
    ended: ended.promise,
    writerEnded: (job) => Promise.race([writer(job).promise, ended.promise]),
    connected: () => undefined,
    kill: () => end(child),
  };
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

/** Launcher and writer say why they do not start as one line of JSON. */
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
