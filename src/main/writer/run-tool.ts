import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A hung tool must not hang the writer for ever; unmounting flushes what others wrote. */
const TOOL_TIMEOUT = 120_000;

/**
 * Runs a system tool by absolute path with an empty environment, so that nothing of the caller's
 * reaches it. Throws an Error with what the tool said.
 */
export async function runTool(
  candidates: readonly string[],
  args: readonly string[],
): Promise<string> {
  const path = candidates.find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`${candidates[0] ?? ''} is not installed`);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = { timeout: TOOL_TIMEOUT, env: environment(), windowsHide: true };
  execFile(path, args, options, (error, stdout, stderr) => {
    if (error === null) resolve(stdout);
    else reject(new Error(stderr.trim() || error.message, { cause: error }));
  });
  return await promise;
}

function environment(): NodeJS.ProcessEnv {
  if (process.platform !== 'win32') return { LC_ALL: 'C.UTF-8', PATH: '/usr/sbin:/usr/bin' };
  const root = process.env['SystemRoot'] ?? 'C:\\Windows';
  return { SystemRoot: root, Path: `${root}\\System32` };
}

export interface Answer {
  readonly status: number;
  readonly output: string;
  readonly complaint: string;
}

/**
 * Asks a tool whose exit status is part of its answer. In English, since it is read by us.
 * @param limits how long it may take, in milliseconds, and how much it may say, in bytes.
 * @returns null where none of `candidates` is installed.
 * @throws Error where it was ended by a signal or a limit.
 */
export async function askTool(
  candidates: readonly string[],
  args: readonly string[],
  limits: { readonly timeout: number; readonly maxBuffer: number },
): Promise<Answer | null> {
  const path = candidates.find((candidate) => existsSync(candidate));
  if (path === undefined) return null;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const options = { ...limits, env: { ...environment(), LC_ALL: 'C' } };
  execFile(path, args, options, (error, output, complaint) => {
    const status = error === null ? 0 : error.code;
    if (typeof status === 'number') resolve({ status, output, complaint: complaint.trim() });
    else reject(new Error(error?.message ?? '', { cause: error }));
  });
  return await promise;
}
