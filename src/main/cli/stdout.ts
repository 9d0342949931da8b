import { createWriteStream, fstatSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { openPipe } from '../jobs/index.ts';
import type { Stream } from './stream.ts';

const FD = 1;

/** Names of standard output as an output. */
const NAMES: ReadonlySet<string> = new Set(['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']);

export function isStdout(argument: string): boolean {
  return NAMES.has(argument);
}

/**
 * Standard output for an archive. A pipe is opened anew: `process.stdout` cannot be closed, so that a reader
 * that has stopped to read would keep a cancelled process alive, and Node would make the pipe non-blocking
 * for everybody else who writes to it. Into a block device (`> /dev/sdX`) `process.stdout` writes nothing
 * and reports no error.
 */
export async function openStdout(stdout: Stream): Promise<Writable> {
  const stats = fstatSync(FD);
  if (stats.isSocket()) return stdout;
  if (!stats.isFIFO()) return createWriteStream('', { fd: FD, autoClose: false });
  try {
    return await openPipe(`/dev/fd/${FD}`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    // No reader, and of this pipe there will be none.
    if (code === 'ENXIO') throw Object.assign(new Error('no reader'), { code: 'EPIPE' });
    // A pipe of another user's cannot be opened, only written.
    return stdout;
  }
}
