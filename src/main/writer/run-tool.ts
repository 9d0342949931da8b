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
