import { randomBytes } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DriveIdentity } from '../../shared/model/drive.ts';
import { PROTOCOL_VERSION, type WriterJob } from '../../shared/writer-protocol.ts';

/** A private folder (0700) with everything that one run of the writer needs. */
export interface JobFolder {
  readonly path: string;
  readonly jobPath: string;
  /** Path of the Unix socket or name of the Windows pipe to listen on. */
  readonly endpoint: string;
  readonly secret: string;
  remove(): Promise<void>;
}

/**
 * Makes the folder with the job in it, a new secret of 32 random bytes in hex included; to be removed by
 * whoever asked for it. Rejects with an error of the system, and then leaves nothing.
 * @param allowFixed as in {@link WriterJob}: also a drive that nobody plugs in and out.
 */
export async function createJobFolder(
  identity: DriveIdentity,
  allowFixed: boolean,
): Promise<JobFolder> {
  // mkdtemp makes it 0700.
  const path = await mkdtemp(join(safeBase(), 'ota-writer-'));
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true });
  try {
    const secret = randomBytes(32).toString('hex');
    const windows = process.platform === 'win32';
    const pipe = windows ? `\\\\.\\pipe\\ota-writer-${randomBytes(16).toString('hex')}` : null;
    const job: WriterJob = { version: PROTOCOL_VERSION, secret, pipe, identity, allowFixed };
    const jobPath = join(path, 'job');
    await writeFile(jobPath, JSON.stringify(job), { flag: 'wx', mode: 0o600 });
    return { path, jobPath, endpoint: pipe ?? join(path, 'socket'), secret, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Characters that no shell gives a meaning to; all that a command for sudo-prompt may hold. */
export const SHELL_SAFE = /^[A-Za-z0-9_./-]+$/;

/** A path may become part of a shell command, and a socket's path has at most 108 bytes. */
function safeBase(): string {
  if (process.platform === 'win32') return tmpdir();
  const candidates = [process.env['XDG_RUNTIME_DIR'], tmpdir()];
  const good = candidates.find((path) => {
    if (path === undefined || path.length > 60 || !SHELL_SAFE.test(path)) return false;
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats?.isDirectory() === true;
  });
  return good ?? '/tmp';
}
