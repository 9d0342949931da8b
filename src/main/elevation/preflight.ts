import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { builderError } from '../../shared/errors.ts';
import { canRootRead } from './root-readable.ts';
import { canAskOnTerminal } from './terminal-agent.ts';
import type { WriterProgram } from './writer-program.ts';

export const PKEXEC = '/usr/bin/pkexec';
const PKCHECK = '/usr/bin/pkcheck';
const SYSTEM_BUS = '/run/dbus/system_bus_socket';
const POLKIT_SERVICE = '/usr/share/dbus-1/system-services/org.freedesktop.PolicyKit1.service';

/** What sudo-prompt's command runs under. */
const GENERAL_ACTION = 'org.freedesktop.policykit.exec';

const SETUID = 0o4000;

/** Whether this process is root already. Always false on Windows, where no caller asks. */
export function isElevated(): boolean {
  return process.geteuid?.() === 0;
}

/**
 * Throws what would keep the writer from being started, as far as can be found without asking for a
 * password: `elevation-missing`, `elevation-unreadable`, or `elevation-refused` where the rules say no without
 * asking.
 * To be called before anything else of a job that needs it.
 */
export async function assertElevation(program: WriterProgram): Promise<void> {
  // macOS and Windows have their dialogs built in.
  if (isElevated() || process.platform !== 'linux') return;
  for (const path of programFiles(program))
    if (!(await canRootRead(path))) throw builderError('elevation-unreadable', { path });
  const pkexec = statSync(PKEXEC, { throwIfNoEntry: false });
  if (pkexec === undefined || (pkexec.mode & SETUID) === 0)
    throw builderError('elevation-missing', { what: 'pkexec' });
  if (!existsSync(SYSTEM_BUS) || !existsSync(POLKIT_SERVICE))
    throw builderError('elevation-missing', { what: 'polkit' });
  const answer = await askPolkit(program.kind === 'installed' ? program.action : GENERAL_ACTION);
  if (answer === 'never') throw builderError('elevation-refused', {});
  if (answer === 'unknown') throw builderError('elevation-missing', { what: 'polkit' });
  if (answer === 'asks' && !canAsk(program))
    throw builderError('elevation-missing', { what: 'agent' });
}

/** What root must be able to read; the package's files it can. */
function programFiles(program: WriterProgram): readonly string[] {
  if (program.kind === 'installed') return [];
  const { runtime, entries, copyWriter } = program;
  return copyWriter ? [runtime] : [runtime, entries.launcher, entries.writer];
}

/** Without a desktop no program shows a dialog; only the terminal is left. */
function canAsk(program: WriterProgram): boolean {
  // sudo-prompt starts pkexec from a process that no agent of ours speaks for.
  return hasDesktop() || (program.kind === 'installed' && canAskOnTerminal());
}

/** Its session has an agent that shows a dialog. */
export function hasDesktop(): boolean {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return DISPLAY !== undefined || WAYLAND_DISPLAY !== undefined;
}

/** pkcheck(1): 0 authorised, 1 not authorised, 2 an agent would have to ask, 127 an error. */
async function askPolkit(action: string): Promise<'yes' | 'never' | 'asks' | 'unknown'> {
  if (!existsSync(PKCHECK)) return 'asks';
  const { promise, resolve } = Promise.withResolvers<number | null>();
  const args = ['--action-id', action, '--process', String(process.pid)];
  const child = execFile(PKCHECK, args, { timeout: 10_000 }, () => resolve(child.exitCode));
  const code = await promise;
  if (code === 0) return 'yes';
  if (code === 1) return 'never';
  return code === 2 ? 'asks' : 'unknown';
}
