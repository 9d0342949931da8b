import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { BuilderError, builderError } from '../../shared/errors.ts';
import { judgeDrive, type DriveRules } from '../../shared/drive-verdict.ts';
import type { Translator } from '../../shared/messages/index.ts';
import { driveName, type Drive } from '../../shared/model/drive.ts';
import type { OutputRequest } from '../../shared/model/job.ts';
import { driveSource } from '../drives/system-drives.ts';
import { resolveDevice, type ResolvedDevice } from '../drives/resolve-device.ts';
import { printable } from './printable.ts';
import { checkElevation } from '../elevation/preflight.ts';
import { openStickReader, type StickReader } from '../elevation/stick-reader.ts';
import { openStickTarget } from '../elevation/stick-target.ts';
import { ownEntries, findWriterProgram } from '../elevation/writer-program.ts';
import type { JobContext } from '../jobs/index.ts';

export interface DriveChoice {
  readonly path: string;
  readonly allowFixed: boolean;
  readonly eject: boolean;
}

/**
 * Finds the drive that was named and makes sure that it may be erased and that the writer can be
 * started, before anything else is done.
 * @throws `drive-…`, `elevation-…`.
 */
export async function chooseDrive({
  path,
  allowFixed,
  eject,
}: DriveChoice): Promise<{ device: ResolvedDevice; request: OutputRequest & { kind: 'drive' } }> {
  const device = await resolveUsable(path, { allowFixed, minimumSize: 0 });
  return { device, request: { kind: 'drive', identity: device.identity, allowFixed, eject } };
}

async function resolveUsable(path: string, rules: DriveRules): Promise<ResolvedDevice> {
  const device = await resolveDevice(driveSource(), path);
  const verdict = judgeDrive(device.drive, rules, device.partition);
  if (!verdict.usable) throw new BuilderError(verdict.reason);
  await checkElevation(writerProgram());
  return device;
}

/** true for what names a device rather than a file or folder. */
export async function isDevice(path: string): Promise<boolean> {
  if (path.startsWith('\\\\.\\')) return true;
  const stats = await stat(path).catch(() => null);
  return stats !== null && (stats.isBlockDevice() || stats.isCharacterDevice());
}

/** Opens the drive that was named for reading, built-in or not. @throws as {@link chooseDrive} */
export async function openNamedDrive(path: string, signal: AbortSignal): Promise<StickReader> {
  const { identity } = await resolveUsable(path, {
    ...{ access: 'read', allowFixed: false, minimumSize: 0 },
  });
  return openStickReader({ identity, allowFixed: false, program: writerProgram(), signal });
}

/** The job's way to a drive, through the elevated writer. */
export function driveOpener(
  signal: AbortSignal,
  onNotice: (notice: BuilderError['data']) => void,
): NonNullable<JobContext['openDrive']> {
  return ({ identity, allowFixed }) =>
    openStickTarget({ identity, allowFixed, program: writerProgram(), signal, onNotice });
}

function writerProgram() {
  return findWriterProgram(ownEntries());
}

/** One line of facts by which a person knows the drive. */
export function describeDrive(drive: Drive, path: string, size: number, { t }: Translator): string {
  return t('cli.drive', {
    path,
    name: driveName(drive),
    size,
    serial: drive.identity.serial ?? t('cli.none'),
    labels: drive.labels.join(', ') || t('cli.none'),
  });
}

/**
 * Asks for the model (the path, where it has none) to be typed.
 * @throws `drive-not-confirmed`, also where there is no terminal to answer; `cancelled` upon Ctrl-C.
 */
export async function confirmErase(
  { drive, identity }: ResolvedDevice,
  translator: Translator,
  input: Readable & { readonly isTTY?: boolean },
  output: Writable,
  signal: AbortSignal,
): Promise<void> {
  const { t } = translator;
  const expected = identity.model ?? identity.path;
  output.write(`${t('cli.erase')}\n`);
  const facts = describeDrive(drive, identity.path, identity.size, translator);
  output.write(`  ${printable(facts)}\n`);
  const lines = createInterface({ input, output });
  try {
    const closed = new Promise<null>((resolve) => lines.once('close', () => resolve(null)));
    const question = lines.question(printable(t('cli.erase.prompt', { model: expected })), {
      signal,
    });
    // On a terminal readline takes Ctrl-C for itself, and no signal comes.
    const interrupted = new Promise<never>((_, reject) =>
      lines.once('SIGINT', () => reject(builderError('cancelled', {}))),
    );
    const answer = await Promise.race([question, closed, interrupted]);
    if (answer?.trim() !== expected)
      throw builderError('drive-not-confirmed', { drive: driveName(drive) });
  } finally {
    lines.close();
  }
}
