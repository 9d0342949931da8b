import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { resolveDevice, type ResolvedDevice } from '../../src/main/drives/resolve-device.ts';
import { systemDrives } from '../../src/main/drives/system-drives.ts';
import { tool } from './tools.ts';

const losetup = tool('losetup');

export interface LoopDevice {
  /** e.g. /dev/loop8 */
  readonly path: string;
  /** The file behind it. */
  readonly file: string;
  resolve(): Promise<ResolvedDevice>;
  /** Idempotent. Waits until the device is really gone. */
  detach(): void;
}

export interface LoopOptions {
  /** Bytes. */
  readonly size: number;
  /** losetup options such as --read-only, --partscan, --direct-io=on. */
  readonly options?: readonly string[];
  /** Fills the file before it is attached. */
  readonly fill?: (file: string) => void;
}

/** A loop device over a sparse file of its own; both go when `release` is called. */
export function attachLoop({ size, options = [], fill }: LoopOptions): LoopDevice & {
  readonly release: () => void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'offline-ota-loop-'));
  const file = join(folder, 'disk');
  const descriptor = openSync(file, 'wx', 0o600);
  ftruncateSync(descriptor, size);
  closeSync(descriptor);
  fill?.(file);
  const path = run(['--find', '--show', ...options, file]).trim();
  let attached = true;
  const detach = (): void => {
    if (!attached) return;
    attached = false;
    run(['--detach', path]);
    // Detaching is lazy while somebody has it open.
    for (let tries = 0; run(['--associated', file]) !== ''; tries++) {
      if (tries > 100) throw new Error(`${path} is still in use`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  };
  return {
    ...{ path, file, detach },
    resolve: () => resolveDevice(systemDrives, path),
    release: () => {
      try {
        detach();
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** For the running test; released after it. */
export function loopDevice(options: LoopOptions): LoopDevice {
  const device = attachLoop(options);
  onTestFinished(device.release);
  return device;
}

function run(args: readonly string[]): string {
  return execFileSync(losetup.path, args, { encoding: 'utf8', stdio: 'pipe' });
}
