/**
 * The elevated program that a run starts once, whatever the number of its drives: it starts one writer for each
 * job file in the folder that it is given, and ends with them. It opens no device and no connection.
 *
 * Each writer gets a pipe as its standard input and ends when that closes. So a launcher that is killed takes
 * its writers with it: the kernel closes the pipes.
 */
import '../runtime/compile-on-main-thread.ts';
import { spawn } from 'node:child_process';
import { basename, join } from 'node:path';
import { builderError, toErrorData, type BuilderError } from '../../shared/errors.ts';
import { encodeReport, MAX_WORDS } from '../../shared/launcher-report.ts';
import { onOneDisk } from '../../shared/model/drive.ts';
import type { Access, WriterJob } from '../../shared/writer-protocol.ts';
import { invokingUser, listJobs, readJob, writerArguments } from './job-file.ts';

// The app reads this. When it is gone, the writers notice by their own connections and end.
process.stderr.on('error', () => undefined);
process.exitCode = await run(process.argv.slice(2));

/** 0 when all writers ended well. */
async function run(args: readonly string[]): Promise<number> {
  try {
    const { path: folder, permitted } = writerArguments(args);
    if (process.getuid !== undefined && process.geteuid?.() !== 0) throw refuse('not elevated');
    const user = invokingUser(process.env);
    const paths = await listJobs(folder, user);
    refuseShared(await Promise.all(paths.map((path) => readJob(path, user, permitted))));
    const codes = await Promise.all(paths.map((path) => runWriter(path, permitted)));
    return codes.every((code) => code === 0) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${JSON.stringify(toErrorData(error))}\n`);
    return 1;
  }
}

/** Nothing that a job names may be another's too: then two writers would answer for one disk or one connection. */
function refuseShared(jobs: readonly WriterJob[]): void {
  for (const [index, job] of jobs.entries())
    for (const other of jobs.slice(index + 1)) {
      if (job.secret === other.secret) throw refuse('two jobs with one secret');
      if (job.pipe !== null && job.pipe === other.pipe) throw refuse('two jobs with one pipe');
      if (onOneDisk(job.identity, other.identity)) throw refuse('two jobs for one disk');
    }
}

/** Resolves when the writer has ended and its report was printed; to its exit status, null after a signal. */
async function runWriter(jobPath: string, permitted: Access): Promise<number | null> {
  const isSource = import.meta.url.endsWith('.ts');
  const program = join(import.meta.dirname, isSource ? 'main.ts' : 'writer.mjs');
  const options = isSource ? ['--disable-warning=ExperimentalWarning'] : [];
  // The writer reads its job anew, which its user may have changed since: it must know by itself.
  const args = permitted === 'read' ? [jobPath, 'read'] : [jobPath];
  const child = spawn(process.execPath, [...options, program, ...args], {
    stdio: ['pipe', 'ignore', 'pipe'],
    windowsHide: true,
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(0, MAX_WORDS);
  });
  child.stdin.on('error', () => undefined);
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('error', (error) => {
    words += error.message;
    resolve(1);
  });
  child.once('close', resolve);
  const status = await promise;
  process.stderr.write(
    `${encodeReport({ ended: basename(jobPath), status, words: words.trim() })}\n`,
  );
  return status;
}

function refuse(reason: string): BuilderError {
  return builderError('writer-refused', { reason });
}
