import { execFile } from 'node:child_process';
import type { WriteResult } from './protocol.ts';

/**
 * Writes as the ordinary user: expect runs the program on a terminal, where pkttyagent asks for the
 * password of an administrator, and types what it is given.
 */
export async function runAsUser(drive: string, password: string): Promise<WriteResult> {
  const script = [
    'set timeout 60',
    'log_user 1',
    'spawn -noecho su kim -s /bin/sh -c ' +
      '"exec /usr/local/bin/node --disable-warning=ExperimentalWarning ' +
      `/repo/test/usb/guest/write-as-user.ts ${drive}"`,
    'expect {',
    // Escaped: in a Tcl string, brackets would run a command.
    `  "Password:" { send "${password}\\r"; exp_continue }`,
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
  return JSON.parse(line.slice('RESULT '.length)) as WriteResult;
}
