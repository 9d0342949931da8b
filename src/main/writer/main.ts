/**
 * The writer: moves blocks to and from one device for the app, without knowing what they mean. It is
 * given the path of a job file; everything else comes through the channel, after both sides have shown
 * that they know the job's secret. It ends with its connection, and with the launcher, which holds the other end
 * of its standard input.
 */
import '../runtime/compile-on-main-thread.ts';
import { BuilderError, toErrorData, type ErrorData } from '../../shared/errors.ts';
import { ProtocolError, type WriterJob } from '../../shared/writer-protocol.ts';
import { AlignedMemory } from './block-device.ts';
import { handshake, type AuthenticatedChannel } from './handshake.ts';
import { endpointOf, invokingUser, readJob, writerArguments } from './job-file.ts';
import { openTarget } from './open-target.ts';
import type { WriterPlatform } from './platform.ts';
import { Session } from './session.ts';
import { writerPlatform } from './this-platform.ts';

/** A device that hangs may never finish its last request; the program ends all the same. */
const RELEASE_TIMEOUT_MS = 20_000;

// The launcher reads this, and may be gone.
process.stderr.on('error', () => undefined);
process.exitCode = await run(process.argv.slice(2));
// A request that a dead device never answers would keep the program alive.
process.exit();

async function run(args: readonly string[]): Promise<number> {
  try {
    const { path, permitted } = writerArguments(args);
    if (process.getuid !== undefined && process.geteuid?.() !== 0) throw refuse('not elevated');
    let onLauncherGone = (): void => {
      // No device is open before the handshake.
      process.exit(1);
    };
    watchLauncher(() => onLauncherGone());
    const job = await readJob(path, invokingUser(process.env), permitted);
    const memory = new AlignedMemory();
    const connection = await handshake(endpointOf(path, job), job.secret, memory);
    onLauncherGone = () => connection.channel.destroy(new ProtocolError('the launcher is gone'));
    return await serve(job, connection, memory);
  } catch (error) {
    complain(error);
    return 1;
  }
}

/** Calls back when the launcher has ended, also where that was before the call. */
function watchLauncher(callback: () => void): void {
  // Nothing is ever sent: the stream ends when the kernel closes the launcher's end of the pipe.
  process.stdin.once('end', callback).once('error', callback).resume();
}

/** 0 when the app said goodbye, 1 when it failed or the connection ended before. */
async function serve(
  job: WriterJob,
  connection: AuthenticatedChannel,
  memory: AlignedMemory,
): Promise<number> {
  const { channel, closed } = connection;
  const platform = writerPlatform();
  let opened: Awaited<ReturnType<typeof openTarget>>;
  try {
    opened = await openTarget(job, platform, memory.scratch);
  } catch (error) {
    channel.send('error', toData(error));
    await withinLimit(channel.end());
    return 1;
  }
  const { target, device } = opened;
  const session = new Session({ channel, device, memory, target, platform });
  const finished = Promise.withResolvers<ErrorData | null>();
  connection.onFrame((header, payload) => session.take(header, payload, finished.resolve));
  channel.send('ready', {
    size: device.size,
    blockSize: device.blockSize,
    direct: device.direct,
  });
  const outcome = await Promise.race([finished.promise, closed]);
  const error = outcome instanceof Error ? toData(outcome) : outcome;
  if (outcome instanceof Error) complain(outcome);
  else if (outcome !== null) channel.send('error', outcome);
  await withinLimit(release(session, opened, platform));
  await withinLimit(channel.end());
  return error === null ? 0 : 1;
}

async function release(
  session: Session,
  { target, device }: Awaited<ReturnType<typeof openTarget>>,
  platform: WriterPlatform,
): Promise<void> {
  await session.end();
  await device.close().catch(() => undefined);
  await platform.reread(target).catch(() => undefined);
}

async function withinLimit(work: Promise<void>): Promise<void> {
  const limit = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => limit.resolve(undefined), RELEASE_TIMEOUT_MS);
  await Promise.race([work, limit.promise]);
  clearTimeout(timer);
}

/** For when there is no channel, or none any more. Says nothing of the secret. */
function complain(error: unknown): void {
  process.stderr.write(`${JSON.stringify(toData(error))}\n`);
}

function toData(error: unknown): ErrorData {
  return error instanceof ProtocolError ? refuse(error.message).data : toErrorData(error);
}

function refuse(reason: string): BuilderError {
  return new BuilderError({ code: 'writer-refused', params: { reason } });
}
