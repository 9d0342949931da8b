import { spawn, type ChildProcess } from 'node:child_process';
import { copyFile, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { builderError, type BuilderError } from '../../shared/errors.ts';
import { SHELL_SAFE, type JobFolder } from './job-folder.ts';
import { hasDesktop, isElevated, PKEXEC } from './preflight.ts';
import { askOnTerminal } from './terminal-agent.ts';
import type { WriterProgram } from './writer-program.ts';

export interface StartedWriter {
  /** Resolves when the writer, or the attempt to start it, has ended; tells what that means. */
  readonly ended: Promise<BuilderError>;
  /** To be called when it has connected: nobody is asked for a password any more. */
  connected(): void;
  /** Ends the attempt while it waits for a password. The writer itself ends with its connection. */
  kill(): void;
}

/** Turns how a process ended into what happened, for a writer that never connected. */
type Explain = (code: number | null, output: string) => BuilderError;

/**
 * Starts the writer with the rights that it needs: directly if we have them, else by asking the
 * person. There is no time limit on typing a password.
 */
export async function startWriter(
  program: WriterProgram,
  folder: JobFolder,
): Promise<StartedWriter> {
  if (isElevated()) return startDirectly(program, folder);
  if (program.kind === 'installed') {
    const stopAsking = hasDesktop() ? () => undefined : await askOnTerminal();
    const writer = watch(launch(PKEXEC, [program.wrapper, folder.jobPath], {}), explainPkexec);
    void writer.ended.then(stopAsking);
    return { ...writer, connected: stopAsking };
  }
  return await startBySudoPrompt(program, folder);
}

function startDirectly(program: WriterProgram, { jobPath }: JobFolder): StartedWriter {
  const broken: Explain = (code, output) => broke(`${output} (${String(code)})`);
  if (program.kind === 'installed') return watch(launch(program.wrapper, [jobPath], {}), broken);
  return watch(launch(program.runtime, nodeArguments(program.entries.writer, jobPath), {}), broken);
}

function nodeArguments(script: string, argument: string): string[] {
  return script.endsWith('.ts')
    ? ['--disable-warning=ExperimentalWarning', script, argument]
    : [script, argument];
}

async function startBySudoPrompt(
  program: WriterProgram & { kind: 'own' },
  folder: JobFolder,
): Promise<StartedWriter> {
  const runtime = await safePath(program.runtime, folder, 'runtime');
  const script = await safeScript(program, folder);
  const words = [runtime, ...nodeArguments(script, folder.jobPath)];
  const unsafe = words.find((word) => !SHELL_SAFE.test(word.replaceAll('=', '')));
  if (unsafe !== undefined && process.platform !== 'win32') throw broke(`unsafe path ${unsafe}`);
  // sudo-prompt's bash gives way to the writer, so that nothing stays behind when it ends.
  const command =
    process.platform === 'win32'
      ? `set ELECTRON_RUN_AS_NODE=1&& ${words.map((word) => `"${word}"`).join(' ')}`
      : `exec /usr/bin/env ELECTRON_RUN_AS_NODE=1 ${words.join(' ')}`;
  const host = nodeArguments(program.entries.sudoPromptHost, command);
  return watch(launch(process.execPath, host, process.env), explainSudoPrompt);
}

/** A link beside the job where the path holds anything that a shell would not take literally. */
async function safePath(path: string, folder: JobFolder, name: string): Promise<string> {
  if (SHELL_SAFE.test(path) || process.platform === 'win32') return path;
  const link = join(folder.path, name);
  await symlink(path, link);
  return link;
}

async function safeScript(
  { entries: { writer }, copyWriter }: WriterProgram & { kind: 'own' },
  folder: JobFolder,
): Promise<string> {
  if (copyWriter) {
    const copy = join(folder.path, basename(writer));
    await copyFile(writer, copy);
    return copy;
  }
  return join(await safePath(dirname(writer), folder, 'program'), basename(writer));
}

/** With only what the program needs to know of our surroundings. */
function launch(path: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
  // Options meant for another Node must not reach these.
  const rest = { ...environment };
  delete rest['NODE_OPTIONS'];
  return spawn(path, args, {
    cwd: '/',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...rest, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that ending it ends what it has started too.
    detached: true,
    windowsHide: true,
  });
}

/** More than any of these programs has to say. Characters. */
const MAX_OUTPUT = 64 * 1024;

function watch(child: ChildProcess, explain: Explain): StartedWriter {
  const { promise, resolve } = Promise.withResolvers<BuilderError>();
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(0, MAX_OUTPUT);
    });
  child.once('error', (error) => resolve(broke(error.message)));
  child.once('close', (code) => resolve(explain(code, output.trim())));
  return { ended: promise, connected: () => undefined, kill: () => killGroup(child) };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It has ended, or has changed to root, where it ends with its connection.
  }
}

/**
 * pkexec(1): 126 when the person dismissed the dialog, 127 when not authorised or anything failed.
 * Agents do not agree on which is which, so its words count too; they are not translated.
 */
export const explainPkexec: Explain = (code, output) => {
  if (code === 126 || /dismissed/i.test(output)) return builderError('elevation-cancelled', {});
  if (/No authentication agent/i.test(output))
    return builderError('elevation-missing', { what: 'agent' });
  if (/Not authorized/i.test(output)) return builderError('elevation-refused', {});
  if (/authority|D-?Bus|org\.freedesktop\.PolicyKit1/i.test(output))
    return builderError('elevation-missing', { what: 'polkit' });
  return writersOwnWords(output) ?? broke(`${output} (${String(code)})`);
};

/** What sudo-prompt-host.ts printed. */
export const explainSudoPrompt: Explain = (_code, output) => {
  const answer = parse(output);
  if (answer === null) return broke(output);
  const { code, message, stderr } = answer as { code: unknown; message: unknown; stderr: unknown };
  const words = String(stderr).trim();
  if (/Unable to find pkexec/.test(String(message)))
    return builderError('elevation-missing', { what: 'pkexec' });
  if (/No polkit authentication agent/.test(String(message)))
    return builderError('elevation-missing', { what: 'agent' });
  if (/did not grant permission/i.test(String(message))) {
    // macOS and Windows do not tell a wrong password from a closed dialog.
    if (process.platform !== 'linux') return builderError('elevation-cancelled', {});
    return explainPkexec(typeof code === 'number' ? code : null, words);
  }
  return writersOwnWords(words) ?? broke(`${words || String(message)} (${String(code)})`);
};

/** The writer says why it does not start as one line of JSON. */
function writersOwnWords(output: string): BuilderError | null {
  const line = output.split('\n').find((text) => text.startsWith('{"code":"writer-refused"'));
  const params = line === undefined ? null : (parse(line) as { params?: unknown } | null)?.params;
  const reason = (params as { reason?: unknown } | null | undefined)?.reason;
  return typeof reason === 'string' ? builderError('writer-refused', { reason }) : null;
}

function parse(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function broke(detail: string): BuilderError {
  return builderError('elevation-broken', { detail: detail.slice(0, 500) });
}
