import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readCaFolder } from '../../src/main/engine/inspect/ca.ts';
import { cli } from '../support/cli.ts';
import { tmpFolder } from '../support/tmp.ts';
import { testNeeding, tool } from '../support/tools.ts';

const COMMANDS: readonly [string, (path: string) => string[]][] = [
  ['verify', (path) => ['verify', path]],
  ['inspect', (path) => ['inspect', path]],
  ['--image', (path) => [`--image=main:${path}`, '-o', join(tmpFolder(), 'x.tar')]],
];

const MKFIFO = tool('mkfifo');

testNeeding([MKFIFO], 'a pipe in a CA folder says what it is', async () => {
  const folder = tmpFolder();
  execFileSync(MKFIFO.path, [join(folder, 'vehicle.root.pem')]);
  await expect(readCaFolder(folder)).rejects.toMatchObject({ code: 'input-is-pipe' });
});

describe.each(COMMANDS)('%s', (_, command) => {
  testNeeding([MKFIFO], 'of a pipe without a writer says what it is', async () => {
    const path = join(tmpFolder(), 'pipe');
    execFileSync(MKFIFO.path, [path]);
    const { exit, code, stderr } = await cli([...command(path), '--json']);
    expect(code, stderr).toBe('input-is-pipe');
    expect(exit).toBe(22);
  });

  test.skipIf(process.platform === 'win32')('of a socket says what it is', async () => {
    const path = join(tmpFolder(), 'socket');
    const server = createServer().listen(path);
    onTestFinished(() => void server.close());
    const { exit, code, stderr } = await cli([...command(path), '--json']);
    expect(code, stderr).toBe('input-is-socket');
    expect(exit).toBe(22);
  });

  test.runIf(existsSync('/dev/zero'))('of a device that never ends says what it is', async () => {
    const { exit, code } = await cli([...command('/dev/zero'), '--json']);
    // What verify and inspect take for a drive is looked for among the drives.
    expect(['input-is-device', 'usage-inspect-device', 'drive-not-found']).toContain(code);
    expect(exit).toBe(22);
  });
});
