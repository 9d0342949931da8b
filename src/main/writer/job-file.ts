import { constants, type Stats } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { builderError, type BuilderError } from '../../shared/errors.ts';
import type { DriveIdentity } from '../../shared/model/drive.ts';
import {
  jobName,
  MAX_JOBS,
  PROTOCOL_VERSION,
  type Access,
  type WriterJob,
} from '../../shared/writer-protocol.ts';

/** A job file holds one identity and one secret; anything longer is not one. Bytes. */
const MAX_JOB = 16 * 1024;

/** Who asked for this process: pkexec and sudo say so; otherwise root itself. */
export function invokingUser(environment: NodeJS.ProcessEnv): number {
  const invoker = environment['PKEXEC_UID'] ?? environment['SUDO_UID'];
  const uid = invoker === undefined ? (process.getuid?.() ?? 0) : Number(invoker);
  if (!Number.isInteger(uid) || uid < 0) throw refuse('the invoking user is not known');
  return uid;
}

/** What a launcher or writer was started with. */
export interface WriterArguments {
  /** Of the folder of jobs, or of the job. */
  readonly path: string;
  /** `read`: it was authorised for reading alone, and refuses every job that writes. */
  readonly permitted: Access;
}

/**
 * The arguments of launcher and writer: a path, and `read` where nothing may be written. The wrapper that polkit
 * authorises adds that word, so that the right to check sticks is not the right to erase them.
 * @throws `writer-refused`
 */
export function writerArguments(args: readonly string[]): WriterArguments {
  const [path, word] = args;
  if (path === undefined || args.length > 2 || (word !== undefined && word !== 'read'))
    throw refuse('arguments: a path, and “read” where nothing may be written');
  return { path, permitted: word ?? 'write' };
}

/**
 * Reads the job. Throws `writer-refused` unless the file and its folder belong to `uid` and no
 * other user can read or change them: otherwise one user could have another's authorisation used for a job
 * of his own, or learn the secret and talk to the writer in the app's place. Also where the job writes and only
 * reading is permitted.
 */
export async function readJob(
  path: string,
  uid: number,
  permitted: Access = 'write',
): Promise<WriterJob> {
  if (!isAbsolute(path)) throw refuse('the job is not an absolute path');
  if (process.platform !== 'win32') await assertFolder(dirname(path), uid);
  const text = await readPrivateFile(path, uid);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse('the job is not JSON');
  }
  const job = checkJob(value);
  if (permitted === 'read' && job.access !== 'read') throw refuse('only reading is permitted');
  return job;
}

/**
 * Absolute paths of the job files of one run. Only their names are looked for; sockets and everything else in
 * the folder are left alone.
 * @throws `writer-refused` unless the folder belongs to `uid`, is closed to others, and holds a job.
 */
export async function listJobs(folder: string, uid: number): Promise<string[]> {
  if (!isAbsolute(folder)) throw refuse('the folder of the jobs is not an absolute path');
  if (process.platform !== 'win32') await assertFolder(folder, uid);
  const found = new Set(await readdir(folder));
  const names = Array.from({ length: MAX_JOBS }, (_, index) => jobName(index));
  const jobs = names.filter((name) => found.has(name)).map((name) => join(folder, name));
  if (jobs.length === 0) throw refuse('the folder holds no job');
  return jobs;
}

/** Where the app listens. Not a path that the job could name freely. */
export function endpointOf(jobPath: string, job: WriterJob): string {
  return job.pipe ?? `${jobPath}.socket`;
}

async function assertFolder(folder: string, uid: number): Promise<void> {
  const stats = await lstat(folder).catch(() => null);
  if (stats === null) throw refuse('the folder of the job is not there');
  if (!stats.isDirectory()) throw refuse('the folder of the job is no folder');
  assertPrivate(stats, uid, 'the folder of the job');
}

async function readPrivateFile(path: string, uid: number): Promise<string> {
  // O_NOFOLLOW: a link could point to another's file. O_NONBLOCK: a FIFO must not hang us.
  const noFollow = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, constants.O_RDONLY | noFollow).catch((error: unknown) => {
    throw refuse(`the job cannot be opened: ${String((error as NodeJS.ErrnoException).code)}`);
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw refuse('the job is not a file');
    if (process.platform !== 'win32') assertPrivate(stats, uid, 'the job');
    // A hard link could make another's private file look like a job that lies in this folder.
    if (stats.nlink !== 1) throw refuse('the job has several names');
    if (stats.size > MAX_JOB) throw refuse('the job is too long');
    const buffer = Buffer.alloc(MAX_JOB);
    const { bytesRead } = await file.read(buffer, 0, MAX_JOB, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

function assertPrivate(stats: Stats, uid: number, what: string): void {
  if (stats.uid !== uid) throw refuse(`${what} belongs to another user`);
  if ((stats.mode & 0o077) !== 0) throw refuse(`${what} is open to others`);
}

function checkJob(value: unknown): WriterJob {
  if (typeof value !== 'object' || value === null) throw refuse('the job is not an object');
  const fields = value as Record<string, unknown>;
  const { version, secret, pipe, identity, allowFixed, access } = fields;
  if (version !== PROTOCOL_VERSION) throw refuse('the job is of another version');
  if (typeof secret !== 'string' || !/^[0-9a-f]{64}$/.test(secret)) throw refuse('no secret');
  if (pipe !== null && (typeof pipe !== 'string' || !/^\\\\\.\\pipe\\[\w-]+$/.test(pipe)))
    throw refuse('a pipe of another kind');
  if (typeof allowFixed !== 'boolean') throw refuse('no rules');
  if (access !== 'read' && access !== 'write') throw refuse('neither to read nor to write');
  return { version, secret, pipe, allowFixed, access, identity: validateIdentity(identity) };
}

function validateIdentity(value: unknown): DriveIdentity {
  if (typeof value !== 'object' || value === null) throw refuse('no identity');
  const fields = value as Record<string, unknown>;
  const text = (key: string): string => {
    const field = fields[key];
    if (typeof field !== 'string' || field === '') throw refuse(`no ${key}`);
    return field;
  };
  const textOrNull = (key: string): string | null => (fields[key] === null ? null : text(key));
  const size = fields['size'];
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw refuse('no size');
  return {
    path: text('path'),
    serial: textOrNull('serial'),
    model: textOrNull('model'),
    size,
    transport: textOrNull('transport'),
    deviceNumber: text('deviceNumber'),
    generation: text('generation'),
  };
}

function refuse(reason: string): BuilderError {
  return builderError('writer-refused', { reason });
}
