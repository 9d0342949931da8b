import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { tool } from './tools.ts';

const SYSTEM_BUS = '/run/dbus/system_bus_socket';

/**
 * Whether a bus answers at a socket. That the file is there says nothing: it stays behind when a daemon is
 * killed or a disk is copied.
 */
export function busAnswers(socket: string): boolean {
  const args = [`--bus=unix:path=${socket}`, '--dest=org.freedesktop.DBus', '--print-reply'];
  const { status } = spawnSync(
    tool('dbus-send').path,
    [...args, '/org/freedesktop/DBus', 'org.freedesktop.DBus.ListNames'],
    // For a daemon that hangs.
    { stdio: 'ignore', timeout: 20_000 },
  );
  return status === 0;
}

/** Starts a system bus where none answers. Gives what ends it; one that was there is left alone. */
export async function startSystemBus(): Promise<() => Promise<void>> {
  if (busAnswers(SYSTEM_BUS)) return () => Promise.resolve();
  mkdirSync(dirname(SYSTEM_BUS), { recursive: true });
  rmSync(SYSTEM_BUS, { force: true });
  return await startBus(['--system'], SYSTEM_BUS);
}

/** Starts a bus; it listens when this resolves. */
export async function startBus(
  args: readonly string[],
  socket: string,
): Promise<() => Promise<void>> {
  const bus = spawn(
    tool('dbus-daemon').path,
    [...args, '--nofork', '--nopidfile', '--print-address=1'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(bus, 'close');
  // It prints its address when it listens there.
  const listens = once(bus.stdout, 'data').then(() => true);
  if (!(await Promise.race([listens, ended.then(() => false)])))
    throw new Error('dbus-daemon ended instead of listening');
  return async () => {
    bus.kill();
    await ended;
    rmSync(socket, { force: true });
  };
}
