import { randomBytes } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { builderError } from '../../shared/errors.ts';
import {
  jobName,
  MAX_JOBS,
  PROTOCOL_VERSION,
  type WriterJob,
} from '../../shared/writer-protocol.ts';
import { restrictToPerson } from './windows-acl.ts';

/** A private folder (0700) with a job for each writer of one run. */
export interface JobFolder {
  readonly path: string;
  /** In the order of the drives. */
  readonly jobs: readonly Job[];
  remove(): Promise<void>;
}

/** What the app has to know of one writer's job. */
export interface Job {
  /** Of its file in the folder. */
  readonly name: string;
  /** Path of the Unix socket or name of the Windows pipe to listen on. */
  readonly endpoint: string;
  /** 32 random bytes in hex. */
  readonly secret: string;
}

/** What a job says of the drive; the rest is made here. */
export type JobContent = Pick<WriterJob, 'identity' | 'allowFixed' | 'access'>;

/**
 * Makes the folder with the jobs in it, each with a secret of its own; the caller removes it. Rejects with
 * `elevation-broken` where no folder can be written, and then leaves nothing.
 * @param contents 1 to {@link MAX_JOBS}.
 */
export async function createJobFolder(contents: readonly JobContent[]): Promise<JobFolder> {
  if (contents.length > MAX_JOBS) throw new RangeError(`${contents.length} jobs`);
  const failures: unknown[] = [];
  for (const base of bases()) {
    try {
      return await createBelow(base, contents);
    } catch (error) {
      // That it is there does not say that it can be used: it may be full, read-only, or not ours.
      failures.push(error);
    }
  }
  const reasons = failures.map((error) => (error instanceof Error ? error.message : String(error)));
  throw builderError('elevation-broken', { detail: reasons.join('; ').slice(0, 500) }, failures[0]);
}

async function createBelow(base: string, contents: readonly JobContent[]): Promise<JobFolder> {
  // mkdtemp makes it 0700: no other user reads the secrets or reaches the sockets, wherever it lies. Windows has
  // access lists instead.
  const path = await mkdtemp(join(base, 'ota-writer-'));
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true });
  try {
    if (process.platform === 'win32') await restrictToPerson(path);
    const jobs: Job[] = [];
    for (const [index, content] of contents.entries())
      jobs.push(await createJob(join(path, jobName(index)), content));
    return { path, jobs, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function createJob(path: string, content: JobContent): Promise<Job> {
  const secret = randomBytes(32).toString('hex');
  const windows = process.platform === 'win32';
  const pipe = windows ? `\\\\.\\pipe\\ota-writer-${randomBytes(16).toString('hex')}` : null;
  const job: WriterJob = { version: PROTOCOL_VERSION, secret, pipe, ...content };
  await writeFile(path, JSON.stringify(job), { flag: 'wx', mode: 0o600 });
  return { name: basename(path), endpoint: pipe ?? `${path}.socket`, secret };
}

/** Characters that no shell gives a meaning to; all that a command for sudo-prompt may hold. */
export const SHELL_SAFE = /^[A-Za-z0-9_./-]+$/;

/**
 * Folders to try, best first. A path may become part of a shell command, and a socket's path has at most
 * 108 bytes.
 */
function bases(): Set<string> {
  const tmp = tmpdir();
  // Below the person's profile other accounts are let in by no default, not even for the moment before the
  // folder has its own access list. TEMP may lie anywhere.
  const local = process.env['LOCALAPPDATA'];
  if (process.platform === 'win32')
    return new Set(local === undefined ? [tmp] : [join(local, 'Temp'), local]);
  const runtime = process.env['XDG_RUNTIME_DIR'] ?? '';
  const candidates: string[] = [];
  // After `su` or `sudo -E` it is still the folder of the user who logged in, who could take away what we put
  // there. Its specification wants it to be the user's own.
  if (ownerOfFolder(runtime) === process.geteuid?.()) candidates.push(runtime);
  if (ownerOfFolder(tmp) !== null) candidates.push(tmp);
  const safe = candidates.filter(
    (path) => isAbsolute(path) && path.length <= 60 && SHELL_SAFE.test(path),
  );
  return new Set([...safe, '/tmp']);
}

/** null: it is no folder, or cannot be reached. */
function ownerOfFolder(path: string): number | null {
  try {
    const stats = lstatSync(path);
    return stats.isDirectory() ? stats.uid : null;
  } catch {
    return null;
  }
}
