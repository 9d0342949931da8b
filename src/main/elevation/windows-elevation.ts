import { spawn } from 'node:child_process';
import { builderError } from '../../shared/errors.ts';
import { powershellArguments, powershellPath, quoted } from '../drives/powershell.ts';
import type { JobFolder } from './job-folder.ts';
import {
  broke,
  launch,
  nodeArguments,
  watch,
  type Explain,
  type StartedLauncher,
} from './launcher-process.ts';
import type { WriterProgram } from './writer-program.ts';

/** With this as its first argument the packaged app is the launcher, and shows no window. */
const ELEVATED_LAUNCHER = '--elevated-launcher=';

/**
 * Has Windows ask whether the app's own program may run with an administrator's rights (UAC). PowerShell
 * waits for it and says how it ended.
 */
export function startByUac(
  { runtime, entries }: WriterProgram & { kind: 'own' },
  { path }: JobFolder,
): StartedLauncher {
  // An elevated process gets a fresh environment, so ELECTRON_RUN_AS_NODE would not reach it.
  const isPackaged = entries.launcher.includes('.asar.unpacked');
  const args = isPackaged ? [`${ELEVATED_LAUNCHER}${path}`] : nodeArguments(entries.launcher, path);
  const script = powershellArguments(elevate(runtime, args));
  return watch(launch(powershellPath(), script, process.env), explainUac);
}

/** Win32 errors: ERROR_CANCELLED, ERROR_ACCESS_DISABLED_BY_POLICY, ERROR_ACCESS_DENIED. */
const CANCELLED = 1223;
const FORBIDDEN = [1260, 5];

/**
 * Start-Process keeps no error number, only the system's sentence in the person's language; so that is
 * compared with the system's own sentences.
 */
function elevate(program: string, args: readonly string[]): string[] {
  const line = args.map(commandLineWord).join(' ');
  return [
    'try {',
    `  $process = Start-Process -FilePath ${quoted(program)} -ArgumentList ${quoted(line)}` +
      ' -Verb RunAs -WindowStyle Hidden -Wait -PassThru',
    '  "elevation: exit $($process.ExitCode)"',
    '} catch {',
    '  $said = $_.Exception.Message',
    '  $code = 0',
    `  foreach ($known in ${[CANCELLED, ...FORBIDDEN].join(', ')}) {`,
    '    $words = (New-Object ComponentModel.Win32Exception $known).Message',
    '    if ($code -eq 0 -and $said.Contains($words)) { $code = $known }',
    '  }',
    '  "elevation: error $code $said"',
    '}',
  ];
}

/**
 * One argument as programs on Windows take it from their command line: backslashes before the closing
 * quotation mark count double. Paths cannot hold quotation marks.
 */
function commandLineWord(word: string): string {
  if (word.includes('"')) throw broke(`unsafe path ${word}`);
  return `"${word.replace(/\\+$/u, '$&$&')}"`;
}

/** What the script printed. Nothing of the elevated program's own words reaches us. */
export const explainUac: Explain = (code, output) => {
  const said = /^elevation: (exit|error) (-?\d+) ?(.*)$/mu.exec(output);
  if (said === null) return broke(`${output} (${String(code)})`);
  const [, what, number, words = ''] = said;
  if (what === 'exit') return broke(`exit status ${number ?? ''}`);
  if (Number(number) === CANCELLED) return builderError('elevation-cancelled', {});
  if (FORBIDDEN.includes(Number(number))) return builderError('elevation-refused', {});
  return broke(words);
};

/** The folder of jobs, where the packaged app was started as the launcher; else null. @param args its own arguments. */
export function elevatedLauncherFolder(args: readonly string[]): string | null {
  const [first = ''] = args;
  return process.platform === 'win32' && first.startsWith(ELEVATED_LAUNCHER)
    ? first.slice(ELEVATED_LAUNCHER.length)
    : null;
}

/** Runs the launcher on this program's own Node. Resolves to its exit status. */
export async function runElevatedLauncher(launcher: string, folder: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  const child = spawn(process.execPath, nodeArguments(launcher, folder), { env, stdio: 'ignore' });
  child.once('error', () => resolve(1));
  child.once('close', (code) => resolve(code ?? 1));
  return await promise;
}
