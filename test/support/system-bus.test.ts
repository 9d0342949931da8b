import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { busAnswers, startBus } from './system-bus.ts';
import { tmpFolder } from './tmp.ts';
import { testNeeding, tool } from './tools.ts';

const NEEDED = ['dbus-daemon', 'dbus-send'].map(tool);

testNeeding(NEEDED, 'a bus that was started answers, and no more when it was ended', async () => {
  const socket = join(tmpFolder(), 'bus');
  expect(busAnswers(socket)).toBe(false);
  const end = await startBus(['--session', `--address=unix:path=${socket}`], socket);
  try {
    expect(busAnswers(socket)).toBe(true);
  } finally {
    await end();
  }
  expect(busAnswers(socket)).toBe(false);
  expect(existsSync(socket)).toBe(false);
});

testNeeding(
  NEEDED,
  'a socket that a killed process left behind is no bus that answers',
  async () => {
    const socket = join(tmpFolder(), 'bus');
    const script = `require('net').createServer().listen(${JSON.stringify(socket)}, () => console.log())`;
    const listener = spawn(process.execPath, ['-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(listener.stdout, 'data');
    listener.kill('SIGKILL');
    await once(listener, 'close');
    expect(existsSync(socket)).toBe(true);
    expect(busAnswers(socket)).toBe(false);
  },
);
