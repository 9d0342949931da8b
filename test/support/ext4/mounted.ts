import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tool } from '../tools.ts';
import { run } from './oracles.ts';
import type { Outcome } from './oracles.ts';

export const mountTool = tool('mount');
export const umountTool = tool('umount');

/** Tries to mount the image without saying what it is; unmounts it again. */
export function tryMount(image: string): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'ext4-mount-'));
  try {
    const outcome = run(mountTool, ['-o', 'loop,ro', image, folder]);
    if (outcome.status === 0) run(umountTool, [folder]);
    return outcome;
  } finally {
    rmdirSync(folder);
  }
}

/** Calls `body` with the folder where the kernel has the image mounted through a loop device. */
export function whileMounted<T>(image: string, mode: 'ro' | 'rw', body: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'ext4-mount-'));
  try {
    const { status, stderr } = run(mountTool, ['-t', 'ext4', '-o', `loop,${mode}`, image, folder]);
    if (status !== 0) throw new Error(`mount: ${stderr}`);
    try {
      return body(folder);
    } finally {
      const unmounted = run(umountTool, [folder]);
      if (unmounted.status !== 0) throw new Error(`umount: ${unmounted.stderr}`);
    }
  } finally {
    rmdirSync(folder);
  }
}
