import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The system, and administrators: an elevated program may run as another administrator than the person. */
const SYSTEM_SID = 'S-1-5-18';
const ADMINISTRATORS_SID = 'S-1-5-32-544';

/** A program that hangs must not hang the job. Milliseconds. */
const TOOL_TIMEOUT_MS = 30_000;

/**
 * What a mode of 0700 is elsewhere: from now on only the person, the system and administrators reach the folder and
 * what is made in it. Without this it has the access list of the folder above, which may let in others.
 * Names are not used: they are translated, and several accounts may share one.
 * @param folder empty: what is in it already keeps its own access list. @throws Error by the programs of Windows.
 */
export async function restrictToPerson(folder: string): Promise<void> {
  const { stdout } = await run('whoami.exe', ['/user', '/fo', 'csv', '/nh']);
  const sid = /"(S-[\d-]+)"\s*$/u.exec(stdout)?.[1];
  if (sid === undefined) throw new Error('whoami.exe says no SID');
  const grants = [sid, SYSTEM_SID, ADMINISTRATORS_SID].map((who) => `*${who}:(OI)(CI)F`);
  // No inherited entry stays, and each grant replaces what there was for the same account.
  await run('icacls.exe', [folder, '/inheritance:r', '/grant:r', ...grants]);
}

function run(name: string, args: readonly string[]): Promise<{ stdout: string }> {
  const root = process.env['SystemRoot'] ?? 'C:\\Windows';
  const options = { encoding: 'utf8' as const, timeout: TOOL_TIMEOUT_MS, windowsHide: true };
  return promisify(execFile)(join(root, 'System32', name), [...args], options);
}
