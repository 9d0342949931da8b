import { copyFile, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { builderError } from '../../shared/errors.ts';
import { SHELL_SAFE, type JobFolder } from './job-folder.ts';
import { startBySudo } from './mac-elevation.ts';
import { hasDesktop, isElevated, PKEXEC } from './preflight.ts';
import { askOnTerminal } from './terminal-agent.ts';
import { startByUac } from './windows-elevation.ts';
import {
  broke,
  launch,
  nodeArguments,
  parse,
  watch,
  writersOwnWords,
  type Explain,
  type StartedLauncher,
} from './launcher-process.ts';
import type { WriterProgram } from './writer-program.ts';

/**
 * Starts the launcher with the rights that its writers need: directly if we have them, else by asking the
 * person, once for the whole run. There is no time limit on typing a password.
 * @param folder holds the jobs; the launcher starts a writer for each.
 */
export async function startLauncher(
  program: WriterProgram,
  folder: JobFolder,
): Promise<StartedLauncher> {
  if (isElevated()) return startDirectly(program, folder);
  if (program.kind === 'installed') {
    const stopAsking = hasDesktop() ? () => undefined : await askOnTerminal();
    const launcher = watch(launch(PKEXEC, [program.wrapper, folder.path], {}), explainPkexec);
    void launcher.ended.then(stopAsking);
    return { ...launcher, connected: stopAsking };
  }
  if (process.platform === 'win32') return startByUac(program, folder);
  if (process.platform === 'darwin') return await startBySudo(program, folder);
  return await startBySudoPrompt(program, folder);
}

function startDirectly(program: WriterProgram, { path }: JobFolder): StartedLauncher {
  const broken: Explain = (code, output) => broke(`${output} (${String(code)})`);
  if (program.kind === 'installed') return watch(launch(program.wrapper, [path], {}), broken);
  const args = nodeArguments(program.entries.launcher, path);
  return watch(launch(program.runtime, args, compileCache(program.entries.launcher)), broken);
}

/**
 * Where Node keeps what it made of a checkout's TypeScript, which makes a start take a third of the time. Only for who
 * has the writer's rights already: this process has taken its own code from there.
 */
function compileCache(script: string): NodeJS.ProcessEnv {
  const { NODE_COMPILE_CACHE: folder } = process.env;
  return script.endsWith('.ts') && folder !== undefined ? { NODE_COMPILE_CACHE: folder } : {};
}

async function startBySudoPrompt(
  program: WriterProgram & { kind: 'own' },
  folder: JobFolder,
): Promise<StartedLauncher> {
  const runtime = await safePath(program.runtime, folder, 'runtime');
  const script = await safeScript(program, folder);
  const words = [runtime, ...nodeArguments(script, folder.path)];
  const unsafe = words.find((word) => !SHELL_SAFE.test(word.replaceAll('=', '')));
  if (unsafe !== undefined) throw broke(`unsafe path ${unsafe}`);
  // sudo-prompt's bash is replaced by the launcher, so that nothing stays behind when that ends.
  const command = `exec /usr/bin/env ELECTRON_RUN_AS_NODE=1 ${words.join(' ')}`;
  const host = nodeArguments(program.entries.sudoPromptHost, command);
  return watch(launch(process.execPath, host, process.env), explainSudoPrompt, errorOutput);
}

/** A link beside the job where the path holds anything that a shell would not take literally. */
async function safePath(path: string, folder: JobFolder, name: string): Promise<string> {
  if (SHELL_SAFE.test(path)) return path;
  const link = join(folder.path, name);
  await symlink(path, link);
  return link;
}

async function safeScript(
  { entries: { launcher, writer }, copyWriter }: WriterProgram & { kind: 'own' },
  folder: JobFolder,
): Promise<string> {
  if (copyWriter) {
    // The launcher starts the writer that lies beside it.
    for (const path of [launcher, writer]) await copyFile(path, join(folder.path, basename(path)));
    return join(folder.path, basename(launcher));
  }
  return join(await safePath(dirname(launcher), folder, 'program'), basename(launcher));
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

/** What the elevated program said on standard error, of what sudo-prompt-host.ts printed. */
export function errorOutput(output: string): string {
  const { stderr } = (parse(output) ?? {}) as { stderr?: unknown };
  return typeof stderr === 'string' ? stderr : '';
}

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
  if (/did not grant permission/i.test(String(message)))
    return explainPkexec(typeof code === 'number' ? code : null, words);
  return writersOwnWords(words) ?? broke(`${words || String(message)} (${String(code)})`);
};
