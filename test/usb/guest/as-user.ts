import { execFile } from 'node:child_process';
import type { AsUser, WriteResult } from './protocol.ts';

/**
 * Writes as the ordinary user: expect runs the program on a terminal, where the password of an
 * administrator is asked for, and types what it is given.
 */
export async function runAsUser(
  drive: string,
  { password, askedBy }: AsUser,
): Promise<WriteResult> {
  const script = [
    'set timeout 60',
    'log_user 1',
    // Not -c, which would start a session without the terminal.
    'spawn -noecho su kim -s /bin/sh --session-command ' +
      `"exec /usr/local/bin/node /job/guest/write-as-user.mjs ${drive} ${askedBy}"`,
    'expect {',
    // Escaped: in a Tcl string, brackets would run a command.
    // After the prompt the terminal is switched to hide what is typed, which drops what came before.
    `  "Password:" { sleep 1; send "${password}\\r"; exp_continue }`,
    '  eof',
    '}',
  ].join('\n');
  const { promise, resolve } = Promise.withResolvers<string>();
  execFile('/usr/bin/expect', ['-c', script], { timeout: 90_000 }, (_error, stdout) =>
    resolve(stdout),
  );
  const text = await promise;
  const line = text.split(/\r?\n/).find((candidate) => candidate.startsWith('RESULT '));
  if (line === undefined) throw new Error(`no result: ${text}`);
  return { ...(JSON.parse(line.slice('RESULT '.length)) as WriteResult), terminal: text };
}
