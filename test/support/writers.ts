import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Bundled writers that have the device open; not what the system itself may look at it with. */
export function writersOn(device: string): number[] {
  return processes((pid) => openFiles(pid).includes(device) && runs(pid, '/writer.mjs'));
}

/** Whatever has the device open. */
export function holdersOf(device: string): number[] {
  return processes((pid) => openFiles(pid).includes(device));
}

/** Bundled launchers and writers that were started for a job folder below `scratch`, also those that start yet. */
export function programsFor(scratch: string): number[] {
  return processes((pid) => runs(pid, '.mjs') && runs(pid, `${scratch}/`));
}

/** The launcher of a writer. */
export function launcherOf(writer: number): number {
  return parentOf(String(writer));
}

/** Launchers of a checkout that this process has started. */
export function ownLaunchers(): number[] {
  return processes((pid) => runs(pid, '/launcher.ts') && parentOf(pid) === process.pid);
}

/** NaN where it has ended. */
function parentOf(pid: string): number {
  const status = quietly(() => readFileSync(`/proc/${pid}/status`, 'utf8'), '');
  return Number(/^PPid:\s*(\d+)$/mu.exec(status)?.[1]);
}

function processes(matches: (pid: string) => boolean): number[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && matches(pid))
    .map(Number);
}

function runs(pid: string, words: string): boolean {
  return quietly(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), '').includes(words);
}

/** Those that it still has when they are looked at; none when it has ended. */
function openFiles(pid: string): string[] {
  const folder = `/proc/${pid}/fd`;
  return quietly(() => readdirSync(folder), []).map((file) =>
    quietly(() => readlinkSync(join(folder, file)), ''),
  );
}

function quietly<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
