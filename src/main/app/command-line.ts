import { currentFolder } from '../cli/current-folder.ts';
import { interruption } from '../cli/interruption.ts';
import { run } from '../cli/run.ts';

/** The packaged app as the command line: no window, the same options, output and exit codes. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const { signal, exitCode } = interruption(process);
  const exit = await run(args, {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    get cwd() {
      return currentFolder();
    },
    signal,
  });
  return exitCode(exit);
}
