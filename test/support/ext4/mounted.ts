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
  using folder = new Mounted(image, mode);
  return body(folder.path);
}

class Mounted implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'ext4-mount-'));

  constructor(image: string, mode: 'ro' | 'rw') {
    const options = ['-t', 'ext4', '-o', `loop,${mode}`];
    const { status, stderr } = run(mountTool, [...options, image, this.path]);
    if (status === 0) return;
    rmdirSync(this.path);
    throw new Error(`mount: ${stderr}`);
  }

  [Symbol.dispose](): void {
    const { status, stderr } = run(umountTool, [this.path]);
    if (status !== 0) throw new Error(`umount: ${stderr}`);
    rmdirSync(this.path);
  }
}
