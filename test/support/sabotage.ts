import { open, type FileHandle } from 'node:fs/promises';
import { vi } from 'vitest';
import type { Sabotage } from './target-suite.ts';

/**
 * Makes all files of this process that are opened through `node:fs/promises` misbehave from now on, until
 * `vi.restoreAllMocks`.
 */
export async function sabotageFiles(how: Sabotage): Promise<void> {
  vi.restoreAllMocks();
  const handle = await open('/dev/null');
  const files = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  if (how === 'short writes') {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its file below
    const whole = files.write as (...args: unknown[]) => Promise<unknown>;
    vi.spyOn(files, 'write').mockImplementation(function (this: FileHandle, ...args: unknown[]) {
      const [bytes, offset, length, position] = args as [Uint8Array, number, number, number];
      return whole.call(this, bytes, offset, Math.ceil(length / 3), position) as never;
    });
    return;
  }
  const method = ({ prepare: 'truncate', write: 'write', flush: 'sync', read: 'read' } as const)[
    how
  ];
  vi.spyOn(files, method).mockImplementation((): never => {
    throw Object.assign(new Error('the disk is gone'), { code: 'EIO' });
  });
}
