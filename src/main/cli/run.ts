import type { Readable } from 'node:stream';
import { resolve } from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import {
  BuilderError,
  builderError,
  toErrorData,
  type ErrorCode,
  type ErrorData,
} from '../../shared/errors.ts';
import { translator } from '../../shared/messages/index.ts';
import { judgeDrive } from '../../shared/drive-verdict.ts';
import { driveSource } from '../drives/system-drives.ts';
import type { Drive } from '../../shared/model/drive.ts';
import { sharedConnections } from '../../shared/model/usb-connection.ts';
import { assertEcuIds } from '../../shared/model/ecu-id.ts';
import type { CheckReport } from '../../shared/model/job.ts';
import {
  build,
  checkCaFolder,
  checkDrive,
  checkTarget,
  inspectPaths,
  LATEST_TIMESTAMP,
  settleEarly,
  STDOUT,
  zstdBackEnd,
  type JobContext,
} from '../jobs/index.ts';
import { confirmErase } from './confirm-erase.ts';
import { chooseDrives, drivesOpener, isDevice, openNamedDrive } from './drive.ts';
import { putsArchiveOnStdout, readCommand, readManner, type Command } from './args.ts';
import { help } from './help.ts';
import { INTERRUPTED, UNREAD } from './interruption.ts';
import { LiveOutput } from './live-output.ts';
import { readImageArgument, readOutputArgument } from './paths.ts';
import { Reporter } from './reporter.ts';
import type { Stream } from './stream.ts';
import { openStdout } from './stdout.ts';

/** The process around a command; tests bring their own. */
export interface Surroundings {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly stdin: Readable;
  readonly env: NodeJS.ProcessEnv;
  /** Folder that relative paths are relative to; throws where it is gone, when a command asks for it. */
  readonly cwd: string;
  readonly signal: AbortSignal;
}

const DONE = 0;
const FAILED = 1;
/** EINVAL, which the first builder exits with for wrong arguments and files. */
const INVALID = 22;

/**
 * Milliseconds that threads which only read have to end after a cancel: one in a system call that never
 * returns must not keep the command.
 */
const READERS_END_TIMEOUT_MS = 1_000;

/** A removal that is over sooner needs no word. Milliseconds. */
const REMOVING_TOLD_AFTER = 500;

const LIVE: ReadonlySet<Command['kind']> = new Set(['serve', 'vehicle', 'vehicle-update']);

const INVALID_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ecu-id-duplicate',
  'ecu-id-invalid',
  'ecu-id-missing',
  'finished-named',
  'finished-not-alone',
  'image-argument-malformed',
  'input-is-device',
  'input-is-pipe',
  'input-is-socket',
  'input-not-found',
  'output-exists',
  'output-folder-is-file',
  'output-folder-missing',
  'output-in-image',
  'output-link-to-nothing',
  'output-path-too-long',
  'payload-not-found',
  'release-key-needed',
  'release-key-not-found',
  'drive-not-found',
  'drive-not-a-device',
  'drive-not-confirmed',
  'drive-named-twice',
]);

/**
 * Runs one command; resolves to the exit code, never rejects. It reports what happened as soon as it is known;
 * when this resolves, nothing half-made is left.
 */
export async function run(argv: readonly string[], around: Surroundings): Promise<number> {
  const manner = readManner(argv, around.env);
  const archiveOnStdout = putsArchiveOnStdout(argv);
  const results = archiveOnStdout ? around.stderr : around.stdout;
  const reporter = new Reporter(manner, translator(manner.language), results, around.stderr);
  const remains: Promise<void>[] = [];
  const context: JobContext = {
    signal: around.signal,
    onProgress: (progress) => reporter.progress(progress),
    onCleanup: (ended) => remains.push(ended),
  };
  const onInterrupt = () => reporter.notice(reporter.translator.t('cli.interrupted'));
  around.signal.addEventListener('abort', onInterrupt);
  try {
    const command = readCommand(argv);
    // What runs until it is ended has nothing half-made, and says by itself how it ends.
    if (LIVE.has(command.kind)) around.signal.removeEventListener('abort', onInterrupt);
    switch (command.kind) {
      case 'help':
        reporter.text(help(translator(manner.language)));
        return DONE;
      case 'version':
        reporter.text(versionText(manner.verbose));
        return DONE;
      case 'build':
        return await runBuild(command, around, context, reporter);
      case 'inspect':
        await runInspect(command, around, context, reporter);
        return DONE;
      case 'drives':
        for (const drive of await orCancelled(driveSource().list(), around.signal))
          reporter.drive(drive, judgeDrive(drive, { ...command, minimumSize: 0 }));
        return DONE;
      case 'serve': {
        const output = new LiveOutput(manner, reporter.translator, results, around.stderr);
        const { runServe } = await import('./serve.ts');
        await runServe(command, around, context, { reporter, output });
        return DONE;
      }
      case 'vehicle': {
        const output = new LiveOutput(manner, reporter.translator, results, around.stderr);
        const { runLook } = await import('./vehicle.ts');
        await runLook(command, around, output);
        return DONE;
      }
      case 'vehicle-update': {
        const output = new LiveOutput(manner, reporter.translator, results, around.stderr);
        const { runVehicleUpdate } = await import('./vehicle-update.ts');
        await runVehicleUpdate(command, around, context, { reporter, output });
        return DONE;
      }
      case 'verify':
        return await runVerify(command, around, context, reporter);
    }
  } catch (error) {
    const data = around.signal.aborted
      ? interruptionOf(around.signal, archiveOnStdout)
      : toErrorData(error);
    reporter.error(data, causeOf(error));
    if (data.code === 'cancelled') return INTERRUPTED;
    if (data.code === 'stream-unread') return UNREAD;
    return INVALID_CODES.has(data.code) || data.code.startsWith('usage-') ? INVALID : FAILED;
  } finally {
    around.signal.removeEventListener('abort', onInterrupt);
    const telling = setTimeout(() => reporter.removing(), REMOVING_TOLD_AFTER);
    await Promise.all(remains);
    clearTimeout(telling);
  }
}

/** A pipe whose reader ended ends a command as a person does; where it holds the archive, that is what failed. */
function interruptionOf({ reason }: AbortSignal, archiveOnStdout: boolean): ErrorData {
  const unread = reason instanceof Error && 'code' in reason && reason.code === 'EPIPE';
  return archiveOnStdout && unread
    ? { code: 'stream-unread', params: { path: STDOUT } }
    : { code: 'cancelled', params: {} };
}

async function runBuild(
  command: Command & { kind: 'build' },
  { cwd, env, stdin, stdout, stderr, signal }: Surroundings,
  context: JobContext,
  reporter: Reporter,
): Promise<number> {
  const { translator } = reporter;
  const images = command.images.map((argument) => ({
    ...readImageArgument(argument, cwd),
    releaseKey: command.releaseKey,
  }));
  // Before any image is read; the plan asks again for what the images themselves name.
  assertEcuIds(images.flatMap(({ ecuId }) => ecuId ?? []));
  const { format, size, writeTo, allowFixed, eject, refresh } = command;
  const outputs = command.outputs.map((argument) =>
    readOutputArgument(argument, format, size, cwd),
  );
  if (size !== null && !outputs.some(({ kind }) => kind === 'img'))
    throw builderError('usage-size-without-image', {});
  if (outputs.some((output) => output.kind === 'tar' && output.path === STDOUT)) {
    if (reporter.json) throw builderError('usage-stdout-json', {});
    if (stdout.isTTY === true) throw builderError('usage-stdout-terminal', {});
  }
  const timestamp = readSourceDateEpoch(env);
  if (!command.checkSignature) reporter.warning(translator.t('cli.signature-off'));
  const caDir = await findCaFolder(command, cwd, reporter);
  if (writeTo.length > 0) {
    const paths = writeTo.map((path) => resolve(cwd, path));
    const devices = await orCancelled(chooseDrives(paths, allowFixed), signal);
    for (const shared of sharedConnections(devices.map(({ drive }) => drive)))
      reporter.notice(translator.t('cli.shared-usb', { drives: shared.map(drivePath).join(', ') }));
    if (!command.confirmed)
      await confirmErase(devices, refresh, translator, { stdin, stderr, signal });
    for (const { identity } of devices)
      outputs.push({ kind: 'drive', identity, allowFixed, eject, refresh });
  }
  reporter.expectOutputs(outputs);
  const result = await build(
    {
      images,
      outputs,
      caDir,
      checkSignature: command.checkSignature,
      timestamp,
    },
    {
      ...context,
      onOutcomes: (outcomes) => reporter.outcomes(outcomes),
      onLaneProgress: (output, progress) => reporter.laneProgress(output, progress),
      openStdout: () => openStdout(stdout),
      openDrives: drivesOpener(signal, (notice) => reporter.notice(translator.error(notice).what)),
    },
  );
  for (const report of result.images) reporter.input(report, false);
  reporter.built(result);
  return result.outcomes.every(({ state }) => state === 'done') ? DONE : FAILED;
}

const drivePath = ({ identity }: Drive): string => identity.path;

async function runInspect(
  command: Command & { kind: 'inspect' },
  { cwd, signal }: Surroundings,
  context: JobContext,
  reporter: Reporter,
): Promise<void> {
  const { paths, checkSignature } = command;
  for (const path of paths)
    if (await orCancelled(isDevice(resolve(cwd, path)), signal))
      throw builderError('usage-inspect-device', { path });
  const caDir = await findCaFolder(command, cwd, reporter);
  const request = { paths: paths.map((path) => resolve(cwd, path)), caDir, checkSignature };
  const reports = await settleEarly(readingOnly(context), (own) => inspectPaths(request, own));
  for (const report of reports) reporter.input(report, true);
}

/**
 * Absolute path of the CA folder. What is wrong with it is found before any image is read, which may take
 * minutes. @throws `ca-unreadable`
 */
async function findCaFolder(
  { caDir, checkSignature }: { readonly caDir: string | null; readonly checkSignature: boolean },
  cwd: string,
  reporter: Reporter,
): Promise<string | null> {
  if (caDir === null) return null;
  const dir = resolve(cwd, caDir);
  if (!checkSignature) return dir;
  const { withoutRoot } = await checkCaFolder(dir);
  if (withoutRoot.length > 0)
    reporter.warning(
      reporter.translator.t('ca.without-root', {
        count: withoutRoot.length,
        names: withoutRoot.join(', '),
      }),
    );
  return dir;
}

async function runVerify(
  { paths }: Command & { kind: 'verify' },
  { cwd }: Surroundings,
  context: JobContext,
  reporter: Reporter,
): Promise<number> {
  let exit = DONE;
  for (const path of paths) {
    const target = resolve(cwd, path);
    try {
      if (!(await isComplete(target, context, reporter))) exit = FAILED;
    } catch (error) {
      // The error of the only one is the command's; of several, the others are still to be checked.
      if (paths.length === 1 || context.signal.aborted) throw error;
      exit = FAILED;
      reporter.error(toErrorData(error), causeOf(error), target);
    }
  }
  return exit;
}

async function isComplete(path: string, context: JobContext, reporter: Reporter): Promise<boolean> {
  const report = await proveTarget(path, context);
  reporter.checked(report);
  if (report.complete) return true;
  const { target, faultCount: faults, faults: kept } = report;
  const params = { target, faults, first: kept[0]?.path ?? '' };
  reporter.error({ code: 'verify-failed', params }, null, path);
  return false;
}

const causeOf = (error: unknown): unknown => (error instanceof BuilderError ? error.cause : error);

async function proveTarget(path: string, context: JobContext): Promise<CheckReport> {
  if (!(await orCancelled(isDevice(path), context.signal)))
    return checkTarget(path, readingOnly(context));
  return settleEarly(context, async (own) => {
    const drive = await openNamedDrive(path, own.signal);
    try {
      return await checkDrive(drive, own);
    } finally {
      await drive.close();
    }
  });
}

/** For what changes nothing: rejects upon a cancel at once, whatever the system still does. */
function orCancelled<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const cancelled = Promise.withResolvers<never>();
  const cancel = (): void => cancelled.reject(signal.reason);
  signal.addEventListener('abort', cancel);
  if (signal.aborted) cancel();
  return Promise.race([work, cancelled.promise]).finally(() =>
    signal.removeEventListener('abort', cancel),
  );
}

/** A job that leaves nothing to be removed: its end is waited for only so long. */
function readingOnly(context: JobContext): JobContext {
  return {
    ...context,
    onCleanup: (ended) => {
      const late = Promise.withResolvers<undefined>();
      const timer = setTimeout(() => late.resolve(undefined), READERS_END_TIMEOUT_MS);
      context.onCleanup?.(Promise.race([ended, late.promise]).finally(() => clearTimeout(timer)));
    },
  };
}

/** https://reproducible-builds.org/specs/source-date-epoch/: Unix seconds in decimal. */
function readSourceDateEpoch(env: NodeJS.ProcessEnv): number | null {
  const text = env['SOURCE_DATE_EPOCH'];
  if (text === undefined || text === '') return null;
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds > LATEST_TIMESTAMP)
    throw builderError('usage-option', { detail: `SOURCE_DATE_EPOCH=${text}` });
  return seconds;
}

/** With the programs and libraries that decide how fast it is and which faults it has. */
function versionText(verbose: boolean): string {
  if (!verbose) return `${packageJson.version}\n`;
  const lines = [packageJson.version, `Node ${process.versions.node}`, `zstd: ${zstdBackEnd()}`];
  return lines.join('\n') + '\n';
}
